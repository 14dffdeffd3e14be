namespace ConsistentMadvise.KernelTests;

/// <summary>A target that cannot come to rest in time: the freeze gives up, and leaves everyone running and untraced.</summary>
public sealed class DeadlineTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.X64)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    [InlineData(FreezerKind.Auto)]
    public void Apply_ThreadWaitsForItsVforkChild_TimesOutAndThawsAll(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        using Sharer sharer = target.Process.StartSharer(vfork: true);
        HintOptions options = new()
        {
            Freezer = freezer,
            Match = LayoutMatch.Ranges,
            Sharers = SharerPolicy.Ignore,
            FreezeTimeout = TimeSpan.FromMilliseconds(30),
        };

        HintOutcome outcome = target.Target.Apply(plan, options);

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        sharer.Dispose(); // lets its parent go on
        target.Process.AssertRuns();
    }

    /// <remarks>The kernel counts who waits for its vfork child as frozen, and the child outside the group runs on: what then moves is found after the hints.</remarks>
    [KernelFact(Needs.NiceCapability | Needs.CgroupV2 | Needs.X64)]
    public void Apply_VforkParentInACgroupWithoutItsChild_EndsAndThawsAll()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        using Sharer sharer = target.Process.StartSharer(vfork: true);
        target.InCgroup(); // after the fork: the sharer stays outside
        HintOptions options = new()
        {
            Freezer = FreezerKind.Cgroup,
            Match = LayoutMatch.Ranges,
            Sharers = SharerPolicy.Ignore,
            FreezeTimeout = TimeSpan.FromMilliseconds(30),
            PauseLimit = Eventually.Patience, // else it follows from the timeout, and a guard may thaw in the window of a caller that waits for a processor
        };

        HintOutcome outcome = target.Target.Apply(plan, options);

        Assert.Contains(outcome.Status, new[] { HintStatus.Applied, HintStatus.FreezeTimedOut });
        Assert.False(target.Cgroup.IsSetFrozen);
        sharer.Dispose();
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ThreadWaitsForAPageInsideASystemCall_TimesOutAndThawsAll(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.HoldInFault();
        HintPlan plan = target.Plan();

        HintOutcome outcome = target.Target.Apply(plan, new HintOptions { Freezer = freezer, FreezeTimeout = TimeSpan.FromMilliseconds(30) });

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        Assert.False(target.Cgroup.IsSetFrozen);
        target.Process.BringPage();
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ThreadsAreClonedMeanwhile_HoldsAllOrTimesOut(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintPlan plan = target.Plan();
        List<int> before = [], after = [];
        PhaseActions probe = PhaseActions.At(TransactionPhase.Freezing, () => target.Process.Post("threads 200"))
            .Then(TransactionPhase.Frozen, () => before.AddRange(Tids(target)))
            .Then(TransactionPhase.Advised, () => after.AddRange(Tids(target)));

        HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, Match = LayoutMatch.Ranges }, probe);
        target.Process.Accept("threads 200");

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.NotEmpty(before);
        Assert.Equal(before, after); // no thread was left that could create one
        target.Process.AssertRuns();
    }

    private static IEnumerable<int> Tids(PlannedTarget target) => ThreadStatus.ReadAll(target.Process.Pid).Select(static thread => thread.Tid).Order();
}
