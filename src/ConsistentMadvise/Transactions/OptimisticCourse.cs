namespace ConsistentMadvise;

/// <summary><see cref="HintConsistency.Optimistic"/>: advises a running target, and looks behind each call whether anything moved since the precheck.</summary>
internal static class OptimisticCourse
{
    public static void Run(TransactionState state, IRecheck recheck, CancellationToken cancellationToken)
    {
        if (state.Plan.Advice == Advice.Collapse)
        {
            state.Stop = new TransactionStop(HintStatus.Refused, HintReason.CollapseMovesTheSequence);
            return;
        }

        while (state.GoesOn && !state.IsCancelled(cancellationToken))
        {
            state.AdviseBatch(BatchCutter.MaxBytes);
            if (state.Stop.IsNone && recheck.HasMoved())
            {
                state.Stop = TransactionStop.Raced;
            }
        }
    }
}
