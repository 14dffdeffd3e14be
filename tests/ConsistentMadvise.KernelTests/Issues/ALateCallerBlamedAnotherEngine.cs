namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A caller that had lost its processor until the freeze timeout had passed got the report that another engine held the target, though none did: whether one does was asked only before the
/// deadline, and not at all after it.
/// </summary>
public sealed class ALateCallerBlamedAnotherEngine
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_TimeoutHasPassedBeforeTheFreeze_DoesNotSayThatAnotherHoldsTheTarget(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();

        HintOutcome outcome = target.Target.Apply(target.Plan(), new HintOptions { Freezer = freezer, FreezeTimeout = TimeSpan.FromTicks(1) });

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }
}
