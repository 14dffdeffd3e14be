namespace ConsistentMadvise.KernelTests;

/// <summary>Two engines on one target, or on one group: they wait for one another, and neither thaws the other's freeze.</summary>
public sealed class LeaseTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Ptrace, FreezerKind.Signal)]
    [InlineData(FreezerKind.Signal, FreezerKind.Signal)]
    [InlineData(FreezerKind.Signal, FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Cgroup, FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Cgroup, FreezerKind.Ptrace)]
    public void Apply_WhileAnotherProcessHoldsTheTarget_WaitsForItsWindow(FreezerKind holder, FreezerKind waiter)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller first = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, holder);
        using CrashCaller second = CrashCaller.StartAt(TransactionPhase.Freezing, target.Process.Pid, waiter);
        second.Continue(); // it waits now, or soon

        first.Continue();

        Assert.Equal("Applied None", first.Outcome());
        Assert.Equal("Applied None", second.Outcome());
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    [InlineData(FreezerKind.Cgroup)]
    public void Apply_WhileAnotherProcessKeepsTheTarget_TimesOutAndLeavesItsFreeze(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintPlan plan = target.Plan();
        using CrashCaller first = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, freezer);

        HintOutcome outcome = target.Target.Apply(plan, new HintOptions { Freezer = freezer, FreezeTimeout = TimeSpan.FromMilliseconds(20) });

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.HeldByAnotherEngine), (outcome.Status, outcome.Reason));
        Assert.Equal(TimeSpan.Zero, outcome.LongestPause);
        Assert.True(freezer == FreezerKind.Cgroup ? target.Cgroup.IsFrozen : ThreadStatus.ReadAll(target.Process.Pid).All(static thread => thread.IsStopped));
        first.Continue();
        Assert.Equal("Applied None", first.Outcome());
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    [InlineData(FreezerKind.Cgroup)]
    public void Apply_HolderIsKilled_ContinuesOnceTheTargetIsThawed(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller first = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, freezer);
        using CrashCaller second = CrashCaller.StartAt(TransactionPhase.Freezing, target.Process.Pid, freezer);
        second.Continue();

        first.Kill();

        Assert.Equal("Applied None", second.Outcome());
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_TwoTargetsOfOneProcessInThisOne_TakeTurns()
    {
        using PlannedTarget target = new();
        using ProcessTarget again = ProcessTarget.Open(target.Process.Pid);
        HintPlan plan = target.Plan();
        HintOutcome inner = default;
        PhaseActions probe = PhaseActions.At(
            TransactionPhase.Frozen, () => inner = again.Apply(plan, new HintOptions { FreezeTimeout = TimeSpan.FromMilliseconds(20) }));

        HintOutcome outcome = target.Apply(plan, HintOptions.Default, probe);

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.HeldByAnotherEngine), (inner.Status, inner.Reason));
        Assert.Equal(HintStatus.Applied, outcome.Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_TwoTargetsOfOneGroup_WaitForOneAnother()
    {
        using PlannedTarget first = new PlannedTarget().InCgroup();
        using PlannedTarget second = new();
        File.WriteAllText($"{first.Cgroup.Path}/cgroup.procs", $"{second.Process.Pid}");
        HintOptions options = new() { Cgroup = first.Cgroup.Path };
        using ManualResetEventSlim isWaiting = new(), isFrozen = new();
        PhaseActions ofSecond = PhaseActions.At(TransactionPhase.Freezing, isWaiting.Set).Then(TransactionPhase.Frozen, isFrozen.Set);
        HintOutcome other = default;
        Thread thread = new(() => other = second.Apply(options, ofSecond));
        bool wasAlone = false;
        PhaseActions ofFirst = PhaseActions.At(TransactionPhase.Frozen, () =>
        {
            thread.Start();
            isWaiting.Wait();
            wasAlone = !isFrozen.Wait(TimeSpan.FromMilliseconds(200)) && first.Cgroup.IsFrozen; // it does not come in, however long it is let try
        });

        HintOutcome outcome = first.Apply(options, ofFirst);
        thread.Join();

        Assert.Equal((HintStatus.Applied, HintReason.None), (outcome.Status, outcome.Reason)); // and not: thawed by another
        Assert.Equal((HintStatus.Applied, HintReason.None), (other.Status, other.Reason));
        Assert.True(wasAlone);
        Assert.False(first.Cgroup.IsSetFrozen);
        first.Process.AssertRuns();
        second.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.X64)]
    public void Apply_SharerIsATargetToo_WaitsForTheWindowThatHoldsIt()
    {
        using PlannedTarget first = new();
        using Sharer sharer = first.Process.StartSharer();
        using ProcessTarget second = ProcessTarget.Open(sharer.Pid);
        LayoutSnapshot layout = second.Capture();
        HintPlan plan = HintPlan.Create(layout, Advice.Cold, [first.Range]);
        using ManualResetEventSlim isWaiting = new(), isFrozen = new();
        PhaseActions ofSecond = PhaseActions.At(TransactionPhase.Freezing, isWaiting.Set).Then(TransactionPhase.Frozen, isFrozen.Set);
        HintOptions options = new() { Freezer = FreezerKind.Signal, Sharers = SharerPolicy.Ignore, FreezeTimeout = Eventually.Patience };
        HintOutcome other = default;
        Thread thread = new(() => other = TargetTransactions.Run(second, plan, options, ofSecond, CancellationToken.None));
        bool wasAlone = false;
        PhaseActions ofFirst = PhaseActions.At(TransactionPhase.Frozen, () =>
        {
            thread.Start();
            isWaiting.Wait();
            wasAlone = !isFrozen.Wait(TimeSpan.FromMilliseconds(200));
        });

        HintOutcome outcome = first.Apply(options with { Sharers = SharerPolicy.Freeze }, ofFirst);
        thread.Join();

        Assert.Equal((HintStatus.Applied, HintReason.None), (outcome.Status, outcome.Reason)); // and not: thawed by another
        Assert.Equal((HintStatus.Applied, HintReason.None), (other.Status, other.Reason));
        Assert.True(wasAlone);
        sharer.Unmap(first.Elsewhere, 1); // it runs
        first.Process.AssertRuns();
    }
}
