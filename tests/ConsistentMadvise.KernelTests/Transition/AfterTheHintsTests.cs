using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the check after the hints finds: something that no freeze holds has changed the layout, or thawed the target.</summary>
public sealed class AfterTheHintsTests
{
    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_AnotherThawsInTheWindow_SaysSo(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () =>
        {
            if (freezer == FreezerKind.Cgroup)
            {
                target.Cgroup.Freeze(false);
            }
            else
            {
                target.Process.Signal(Uapi.SIGCONT);
            }
        });

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, MaxPause = Timeout.InfiniteTimeSpan }, probe);

        Assert.Equal((HintStatus.Raced, HintReason.ThawedByAnother), (outcome.Status, outcome.Reason));
        Assert.Equal(target.Range.Length, outcome.BytesAdvised);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData(LayoutMatch.Layout, 0)]
    [InlineData(LayoutMatch.Ranges, 0)]
    [InlineData(LayoutMatch.Ranges, 5000)]
    public void LookAgain_ByTheText_SeesTheChange(LayoutMatch match, int otherVmas)
    {
        using PlannedTarget target = new();
        if (otherVmas != 0)
        {
            target.Process.Fields(otherVmas, 1); // few ranges among many VMAs are asked for one by one
        }

        HintPlan plan = target.PlanWithoutSequence();
        IRecheck recheck = Rechecks.CreateText(target.Target, plan, match, new PlanRemainder(plan), plan.Layout!.Space, new TransactionScratch());

        Assert.Equal(RecheckResult.Same, recheck.Run(mayDrop: false));
        Assert.Equal(RecheckResult.Same, recheck.LookAgain());
        target.Process.Protect(target.Address, 1, "r");
        Assert.Equal(RecheckResult.Changed, recheck.LookAgain());
    }

    [KernelFact(Needs.NiceCapability)]
    public void LookAgain_TargetKilled_IsGone()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.PlanWithoutSequence();
        IRecheck recheck = Rechecks.CreateText(target.Target, plan, LayoutMatch.Layout, new PlanRemainder(plan), plan.Layout!.Space, new TransactionScratch());
        Assert.Equal(RecheckResult.Same, recheck.Run(mayDrop: false));

        target.Process.Exit(0);
        target.Process.WaitUntilGone();

        Assert.Equal(RecheckResult.Gone, recheck.LookAgain());
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.X64)]
    public void Apply_CollapseWhileASharerMaps_IsRaced()
    {
        // Collapsing moves the sequence itself: here only the text shows it.
        using PlannedTarget target = new();
        using Sharer sharer = target.Process.StartSharer(vfork: false);
        ulong free = target.Process.Map(1);
        target.Process.Unmap(free, 1);
        ulong collapsed = target.Process.MapTouched((int)(HugePage.Bytes / (ulong)Environment.SystemPageSize));
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Collapse, [new AddressRange(collapsed, collapsed + HugePage.Bytes)]);
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => sharer.Map(free, 1));

        HintOutcome outcome = target.Apply(plan, new HintOptions { Sharers = SharerPolicy.Ignore }, probe);

        Assert.Equal((HintStatus.Raced, HintReason.LayoutMovedMeanwhile), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }
}
