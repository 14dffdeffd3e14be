using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

public sealed class ProcessCommandTests : IDisposable
{
    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void Fork_Child_HasTheSameLayoutAndTheTargetKeepsIts()
    {
        ulong address = _target.MapTouched(4);
        string before = MapsEntry.ReadText(_target.Pid);

        int child = _target.Fork();

        Assert.Equal(before, MapsEntry.ReadText(_target.Pid));
        Assert.Equal(address + (4 * 4096), MapsEntry.At(child, address).End);
        Assert.Contains($"PPid:\t{_target.Pid}", File.ReadAllLines($"/proc/{child}/status"));
        _target.AssertRuns();
    }

    [Fact]
    public void Exec_Target_HasANewLayoutAndTheSamePid()
    {
        ulong address = _target.Map(4);
        string before = MapsEntry.ReadText(_target.Pid);

        _target.Exec();

        Assert.NotEqual(before, MapsEntry.ReadText(_target.Pid));
        Assert.DoesNotContain(MapsEntry.ReadAll(_target.Pid), entry => entry.Start == address);
        _target.AssertRuns();
    }

    [Fact]
    public void Exec_WithoutRandomization_StartsAtTheSamePlaceEachTime()
    {
        ulong Image() => MapsEntry.ReadAll(_target.Pid).First(static entry => entry.Path == RaceTargetProgram.Path).Start;
        ulong Stack() => MapsEntry.ReadAll(_target.Pid).Single(static entry => entry.Path == "[stack]").End;
        _target.Exec(randomized: false);
        (ulong image, ulong stack) = (Image(), Stack());

        _target.Exec();

        Assert.Equal((image, stack), (Image(), Stack()));
        _target.AssertRuns();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExecOther_Cat_RunsInTheSameProcess(bool randomized)
    {
        _target.ExecOther("/bin/cat", randomized);

        Assert.DoesNotContain(MapsEntry.ReadAll(_target.Pid), static entry => entry.Path == RaceTargetProgram.Path);
        _target.AssertEchoes();
        _target.CloseInput();
        _target.WaitUntilGone();
    }

    [Fact]
    public void ExecOther_NoSuchProgram_IsRefusedAndTheTargetRuns()
    {
        RaceTargetException failure = Assert.Throws<RaceTargetException>(() => _target.Send("exec other /does/not/exist"));

        Assert.Contains("ENOENT", failure.Message, StringComparison.Ordinal);
        _target.AssertRuns();
    }

    [Fact]
    public void Stop_Itself_AnswersOnceContinued()
    {
        _target.StopItself();
        Assert.ThrowsAny<Exception>(_target.AssertRuns);

        _target.Continue();

        _target.AssertRuns();
    }

    [Fact]
    public void Exit_Target_IsGone()
    {
        _target.Exit(3);

        Assert.False(Directory.Exists($"/proc/{_target.Pid}"));
    }

    [Fact]
    public void ExitMain_Target_IsAZombieThatAnswers()
    {
        ulong address = _target.MapTouched(4);

        _target.ExitLeader();

        Assert.StartsWith("Z", ThreadStatus.ReadAll(_target.Pid).Single(thread => thread.Tid == _target.Pid).State, StringComparison.Ordinal);
        Assert.Equal((4, 0), _target.Resident(address, 4));
        Assert.Throws<RaceTargetException>(_target.ExitLeader);
        _target.AssertRuns();
    }

    [Fact]
    public void ExitMain_ThenExec_HasALeaderAgain()
    {
        _target.ExitLeader();

        _target.Exec();

        Assert.False(ThreadStatus.ReadAll(_target.Pid).Single(thread => thread.Tid == _target.Pid).State.StartsWith('Z'));
        _target.AssertRuns();
    }

    [KernelTheory(Needs.X64)]
    [InlineData(false)]
    [InlineData(true)]
    public void Sharer_WhileTheTargetIsStopped_MapsIntoIt(bool vfork)
    {
        Sharer sharer = _target.StartSharer(vfork);
        ulong free = _target.Map(1);
        _target.Unmap(free, 1);
        _target.Signal(Uapi.SIGSTOP);
        Eventually.Holds(() => ThreadStatus.ReadAll(_target.Pid).Single(thread => thread.Tid == _target.Pid).IsStopped, "the thread-group leader is stopped");

        sharer.Map(free, 4);

        Assert.Equal(free + (4 * 4096), MapsEntry.At(_target.Pid, free).End);
        Assert.NotEqual(_target.Pid, sharer.Pid);
        sharer.Unmap(free, 4);
        Assert.DoesNotContain(MapsEntry.ReadAll(_target.Pid), entry => entry.Start == free);
        _target.Signal(Uapi.SIGCONT);
        _target.Send("ping");
        _target.AssertRuns();
    }

    [KernelFact(Needs.X64)]
    public void VforkHold_UntilTheSharerExits_KeepsAThreadWaiting()
    {
        bool Waits() => ThreadStatus.ReadAll(_target.Pid).Any(static thread => thread.State[0] == 'D');
        Sharer sharer = _target.StartSharer(vfork: true);
        Eventually.Holds(Waits, "the vfork parent waits");

        sharer.Exit();

        Eventually.Holds(() => !Waits(), "the vfork parent goes on");
        _target.AssertRuns();
    }

    [KernelFact(Needs.X64)]
    public void Sharer_AfterTheTargetsExec_KeepsTheOldLayout()
    {
        ulong address = _target.Map(4);
        Sharer sharer = _target.StartSharer();

        _target.Exec();

        Assert.Equal(address + (4 * 4096), MapsEntry.At(sharer.Pid, address).End);
        Assert.DoesNotContain(MapsEntry.ReadAll(_target.Pid), entry => entry.Start == address);
        sharer.Unmap(address, 4);
        _target.AssertRuns();
    }
}
