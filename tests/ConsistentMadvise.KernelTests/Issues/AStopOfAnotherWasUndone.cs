using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Another process stopped the target, or froze its cgroup, while a window held it: the thaw undid that too.</summary>
public sealed class AStopOfAnotherWasUndone
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, Uapi.SIGSTOP)]
    [InlineData(FreezerKind.Cgroup, Uapi.SIGSTOP)]
    [InlineData(FreezerKind.Signal, Uapi.SIGSTOP)]
    [InlineData(FreezerKind.Ptrace, Uapi.SIGTSTP)]
    [InlineData(FreezerKind.Cgroup, Uapi.SIGTSTP)]
    [InlineData(FreezerKind.Signal, Uapi.SIGTSTP)]
    [InlineData(FreezerKind.Signal, Uapi.SIGTTIN)]
    public void Apply_AnotherStopsTheTargetInTheWindow_ItStaysStopped(FreezerKind freezer, int signal)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(3);
        target.Process.MakeGroup();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => target.Process.Signal(signal));

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, MaxPause = Timeout.InfiniteTimeSpan }, probe);

        Assert.Equal((HintStatus.Applied, HintReason.None), (outcome.Status, outcome.Reason));
        target.Process.WaitUntilStopped();
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.Equal(0, thread.TracerPid));
        target.Process.Signal(Uapi.SIGCONT);
        Eventually.Holds(() => ThreadStatus.ReadAll(target.Process.Pid).All(static thread => !thread.IsStopped), "the target runs");
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_AnotherFreezesItsCgroupInTheWindow_ItStaysFrozen(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, target.Cgroup.WriteFreeze);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, MaxPause = Timeout.InfiniteTimeSpan }, probe);

        Assert.Equal((HintStatus.Applied, HintReason.None), (outcome.Status, outcome.Reason));
        Assert.True(target.Cgroup.IsSetFrozen);
        target.Cgroup.Freeze(false);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_ManyTimesByCgroup_LeavesNothingFrozenAndFewQueues()
    {
        const int Times = 200;
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintPlan plan = target.Plan();
        int before = CountQueues();
        for (int i = 0; i < Times; i++)
        {
            Assert.Equal(HintStatus.Applied, target.Apply(plan, new HintOptions { Freezer = FreezerKind.Cgroup }).Status);
            Assert.False(target.Cgroup.IsSetFrozen);
        }

        Assert.InRange(CountQueues(), 0, before + Times / 2); // one for each would be as many; other tests have some
        target.Process.AssertRuns();
    }

    private static int CountQueues() => Directory.GetFiles("/proc/self/fd").Count(static file => new FileInfo(file).LinkTarget == "anon_inode:inotify");
}
