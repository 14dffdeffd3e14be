namespace ConsistentMadvise.KernelTests;

/// <summary>The thread-group leader of a target exited after its layout was checked: the kernel refused the first call, and the outcome was "partly applied", of no byte. <c>ATransactionThatAdvisedNothingWasPartlyApplied</c> is the same bug without a kernel.</summary>
public sealed class NothingAdvisedWasCalledPartlyApplied
{
    [KernelTheory(Needs.NiceCapability | Needs.Bpf)]
    [InlineData(HintConsistency.Optimistic)]
    [InlineData(HintConsistency.Unchecked)]
    public void Apply_LeaderExitsBeforeTheHint_IsRefused(HintConsistency consistency)
    {
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(
            consistency == HintConsistency.Optimistic ? TransactionPhase.Prechecked : TransactionPhase.Opened, target.Process.ExitLeader);

        HintOutcome outcome = target.Apply(new HintOptions { Consistency = consistency }, probe);

        Assert.Equal((HintStatus.Refused, HintReason.ThreadGroupLeaderExited, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        target.Process.AssertRuns();
    }
}
