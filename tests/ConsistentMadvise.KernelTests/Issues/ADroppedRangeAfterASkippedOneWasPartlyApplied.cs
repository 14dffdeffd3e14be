using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>One range was not for this advice, the next had changed: nothing was advised, and the outcome said that some of the plan was.</summary>
public sealed class ADroppedRangeAfterASkippedOneWasPartlyApplied
{
    [KernelFact]
    public void Build_OneRangeSkippedAndTheNextDropped_IsStale()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        TransactionState state = new(target, PlanOf(process, target), new HintOptions(), probe: null);
        state.Ledger.Cut(ulong.MaxValue);
        Assert.True(state.Ledger.Record(Errno.EINVAL, -1));
        state.Ledger.BeginWindow();
        state.Remainder.Drop(1);
        state.Ledger.SkipDropped();

        HintOutcome outcome = OutcomeBuilder.Build(state, TransactionStop.None);

        Assert.True(state.Ledger.IsDone);
        Assert.Equal((HintStatus.Stale, HintReason.LayoutChanged, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        Assert.Equal([RangeStatus.Skipped, RangeStatus.Stale], outcome.Ranges.Select(static range => range.Status));
        process.AssertRuns();
    }

    private static HintPlan PlanOf(RaceTargetProcess process, ProcessTarget target)
    {
        (ulong address, ulong stride) = process.Fields(2, 1);
        LayoutSnapshot layout = target.Capture();
        return HintPlan.Create(layout, Advice.Cold, [new AddressRange(address, address + 2 * stride)]);
    }
}
