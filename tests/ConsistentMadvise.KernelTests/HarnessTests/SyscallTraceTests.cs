using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>That the trace sees what happens, in its order, on a target that only follows commands.</summary>
public sealed class SyscallTraceTests
{
    private const Needs Traced = Needs.SyscallTracepoints | Needs.NiceCapability;

    [KernelFact(Traced)]
    public void Stop_CallsHintsAndMarks_AreInTheirOrder()
    {
        using PlannedTarget target = new();
        using SyscallTrace trace = Start(target);

        trace.Mark("one");
        ulong mapped = target.Process.Map(1);
        trace.Mark("two");
        target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked });
        trace.Mark("three");
        target.Process.Unmap(mapped, 1);

        TraceRecord record = trace.Stop();
        Assert.Equal(0, record.Lost);
        Assert.Equal(
            ["begin", "one", "mmap", "two", OrderOracle.Hint, "three", "munmap"],
            record.Events.Where(static seen => seen.Kind is TraceEventKind.Mark or TraceEventKind.Enter).Select(static seen => seen.Name));
        Assert.Equal(mapped, record.Events.Single(static seen => seen is { Kind: TraceEventKind.Exit, Name: "mmap" }).First);
        Assert.Equal(record.Events.Count, record.Events.Select(static seen => seen.Order).Distinct().Count());
        target.Process.AssertRuns();
    }

    [KernelTheory(Traced)]
    [InlineData("map", 1)]
    [InlineData("protect", 1)]
    [InlineData("brk", 1)]
    [InlineData("fork", 1)]
    [InlineData("exec", 1)]
    [InlineData("thread", 1)]
    [InlineData("MADV_RANDOM", 1)]
    [InlineData("MADV_DONTNEED", 0)]
    [InlineData("protect nothing mapped", 0)]
    [InlineData("ping", 0)]
    public void Judge_OneCommand_CountsWhatChangesTheLayout(string command, int sinceCapture)
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        using SyscallTrace trace = Start(target);

        trace.MarkCaptured("1");
        Do(target, command);
        target.Apply(plan, new HintOptions { Consistency = HintConsistency.Unchecked });

        TraceVerdict verdict = OrderOracle.Judge(trace.Stop());
        Assert.Equal((1, 0, sinceCapture, sinceCapture, 0), (verdict.Hints, verdict.DuringHint, verdict.SinceCapture, verdict.BeforeReturn, verdict.Undecided));
        target.Process.AssertRuns();
    }

    [KernelFact(Traced | Needs.X64)]
    public void Judge_SharerChangesTheAddressSpace_Counts()
    {
        using PlannedTarget target = new();
        using SyscallTrace trace = Start(target);
        Sharer sharer = target.Process.StartSharer();

        trace.MarkCaptured("1");
        sharer.Call(12, 0);     // brk
        target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked });

        Assert.Equal(1, OrderOracle.Judge(trace.Stop()).SinceCapture);
        target.Process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Judge_ForkedChildChangesItsOwn_DoesNotCount()
    {
        using PlannedTarget target = new();
        using SyscallTrace trace = Start(target);
        int child = target.Process.Fork();

        trace.MarkCaptured("1");
        Assert.Equal(Errno.None, Kernel.PidfdOpen(child, out SafeDescriptor pidfd));
        using SafeDescriptor opened = pidfd;
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(pidfd, Uapi.SIGKILL));
        target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked });

        TraceVerdict verdict = OrderOracle.Judge(trace.Stop());
        Assert.Equal((1, 0), (verdict.Hints, verdict.SinceCapture));
        target.Process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Stop_HintsForAnotherTarget_AreNotSeen()
    {
        using PlannedTarget target = new(), other = new();
        using SyscallTrace trace = Start(target);

        trace.MarkCaptured("1");
        other.Apply(new HintOptions { Consistency = HintConsistency.Unchecked });
        other.Process.Map(1);

        TraceVerdict verdict = OrderOracle.Judge(trace.Stop());
        Assert.Equal((0, 0), (verdict.Hints, verdict.Changes));
        target.Process.AssertRuns();
        other.Process.AssertRuns();
    }

    /// <remarks>The target's calls may spread over the buffers of all processors: it goes on until one is full.</remarks>
    [KernelTheory(Traced)]
    [InlineData(false)]
    [InlineData(true)]
    public void Stop_MoreThanTheBufferHolds_IsLostUnlessDrained(bool drains)
    {
        const int Calls = 50;
        using PlannedTarget target = new();
        using SyscallTrace trace = SyscallTrace.Start(target.Process.Pid, Environment.ProcessId, kilobytesPerProcessor: 64);
        int rounds = 0;
        for (; drains ? rounds < 40 : trace.CountLost() == 0; rounds++)
        {
            trace.MarkCaptured($"{rounds}");
            for (int i = 0; i < Calls; i += 2)
            {
                target.Process.Unmap(target.Process.Map(1), 1);
            }

            target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked });
            if (drains)
            {
                trace.Drain();
            }
        }

        TraceVerdict verdict = OrderOracle.Judge(trace.Stop());
        Assert.Equal(drains, verdict.Lost == 0);
        Assert.Equal(drains ? 0 : rounds, verdict.Undecided);
        Assert.Equal(drains ? rounds : 0, verdict.SinceCapture);
        Assert.Equal(drains, verdict.Changes == Calls * rounds);
        target.Process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Start_NoPidfdOfTheTarget_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        Assert.Throws<InvalidOperationException>(() => SyscallTrace.Start(process.Pid, process.Pid));
        process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Stop_PidfdOpenedMeanwhile_IsRefused()
    {
        using PlannedTarget target = new();
        using SyscallTrace trace = Start(target);
        using ProcessTarget another = ProcessTarget.Open(target.Process.Pid);

        Assert.Throws<InvalidOperationException>(trace.Stop);
        target.Process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Start_InstanceOfADeadProcess_IsRemoved()
    {
        int dead;
        using (RaceTargetProcess process = RaceTargetProcess.Start())
        {
            dead = process.Pid;
        }

        string left = Path.Combine(Tracefs.MountPoint!, "instances", $"cm-{dead}-1");
        Directory.CreateDirectory(left);
        string ours;
        using (TraceInstance instance = new(kilobytesPerProcessor: 16))
        {
            ours = Path.Combine(Tracefs.MountPoint!, "instances", instance.Name);
            Eventually.Holds(() => !Directory.Exists(left), "this test or another that traces has removed it");
            Assert.True(Directory.Exists(ours));
        }

        Assert.False(Directory.Exists(ours));
    }

    private static SyscallTrace Start(PlannedTarget target) => SyscallTrace.Start(target.Process.Pid, Environment.ProcessId);

    private static void Do(PlannedTarget target, string command)
    {
        const int MADV_RANDOM = 1, MADV_DONTNEED = 4;
        switch (command)
        {
            case "map":
                target.Process.Map(1);
                break;
            case "protect":
                target.Process.Protect(target.Elsewhere, 1, "r");
                break;
            case "brk":
                target.Process.Break(1);
                break;
            case "fork":
                target.Process.Fork();
                break;
            case "exec":
                target.Process.Exec();
                break;
            case "thread":
                target.Process.StartThread();
                break;
            case "MADV_RANDOM":
                target.Process.Advise(target.Elsewhere, 1, MADV_RANDOM);
                break;
            case "MADV_DONTNEED":
                target.Process.Advise(target.Elsewhere, 1, MADV_DONTNEED);
                break;
            case "protect nothing mapped":
                Assert.Throws<RaceTargetException>(() => target.Process.Protect(0x70_0000_0000, 1, "r"));
                break;
            default:
                target.Process.Send(command);
                break;
        }
    }
}
