namespace ConsistentMadvise.KernelTests;

/// <summary>
/// The thread-group leader of a target ended, and with it what maps can be read of; the others lived on. The cgroup freezer held them, read a layout of nothing, and the
/// transaction said that the process had exited. Every freezer says now what the matter is.
/// </summary>
public sealed class AProcessWithoutItsLeaderWasCalledExited
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_LeaderExitsBeforeTheFreeze_IsRefused(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Freezing, target.Process.ExitLeader);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Refused, HintReason.ThreadGroupLeaderExited), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }
}
