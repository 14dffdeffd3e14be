using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Those that work on the target from outside: a manager of its faults, a tracer, and its own SIGCONT.</summary>
public sealed class OutsiderCommandTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [KernelFact(Needs.Userfaultfd | Needs.Bpf)]
    public void ManageFaults_TargetIsStopped_ChangesItsLayoutAndItsSequence()
    {
        ulong address = _target.Map(4);
        UserfaultManager manager = _target.ManageFaults(address + Page, 2);
        string before = MapsEntry.ReadText(_target.Pid);
        SequenceReading first = Read();
        _target.Signal(Uapi.SIGSTOP);
        _target.WaitUntilStopped();

        manager.Register();

        Assert.Equal(address + Page, MapsEntry.At(_target.Pid, address).End);
        Assert.Equal(address + (3 * Page), MapsEntry.At(_target.Pid, address + Page).End);
        SequenceReading second = Read();
        Assert.False(second.IsUnchangedSince(first), "registering locks the address space");
        manager.Unregister();
        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        Assert.False(Read().IsUnchangedSince(second), "unregistering locks the address space");
        _target.Signal(Uapi.SIGCONT);
        _target.Send("ping");
        _target.AssertRuns();
    }

    [KernelFact(Needs.Userfaultfd)]
    public void ManageFaults_TargetTouches_WaitsUntilThePagesAreBrought()
    {
        ulong address = _target.Map(2);
        UserfaultManager manager = _target.ManageFaults(address, 2);
        manager.Register();

        _target.Post($"read {address:x} 2");
        Assert.Equal(address, manager.AwaitFault());
        manager.Zero(address);
        Assert.Equal(address + Page, manager.AwaitFault());
        manager.Copy(address + Page, "brought"u8);
        _target.Accept("read");

        Assert.Equal(2, _target.Resident(address, 2).Present);
        byte[] content = new byte[7];
        using (FileStream memory = new($"/proc/{_target.Pid}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0))
        {
            RandomAccess.Read(memory.SafeFileHandle, content, (long)(address + Page));
        }

        Assert.Equal("brought"u8, content);
        _target.AssertRuns();
    }

    [KernelFact(Needs.Ptrace)]
    public void StartTracer_UntilEnded_TracesATargetThatRuns()
    {
        string before = MapsEntry.ReadText(_target.Pid);

        int tracer = _target.StartTracer();

        Assert.Equal(tracer, ThreadGroupLeader().TracerPid);
        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        _target.Send("ping");
        _target.Signal(Uapi.SIGSTOP); // which the tracer lets act as if it was not there
        Eventually.Holds(() => ThreadGroupLeader().IsStopped, "the target is stopped");
        _target.Signal(Uapi.SIGCONT);
        _target.Send("ping");
        Assert.Throws<RaceTargetException>(() => _target.StartTracer());
        _target.EndTracer();
        Assert.False(Directory.Exists($"/proc/{tracer}"));
        _target.AssertRuns();
    }

    [Fact]
    public void ContinueItself_OnceOrAllTheTime_GoesOnAnswering()
    {
        _target.StartContinuing();
        string before = MapsEntry.ReadText(_target.Pid);
        _target.ContinueItself();

        for (int time = 0; time < 20; time++)
        {
            _target.Signal(Uapi.SIGSTOP);
            _target.Signal(Uapi.SIGCONT);
            _target.Send("ping");
        }

        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        _target.StopContinuing();
        _target.AssertRuns();
    }

    private ThreadStatus ThreadGroupLeader() => ThreadStatus.ReadAll(_target.Pid).Single(thread => thread.Tid == _target.Pid);

    private SequenceReading Read()
    {
        Assert.True(SequenceReader.Shared.TryRead(_target.Pid, out SequenceReading reading), $"{reading.State}");
        return reading;
    }
}
