namespace ConsistentMadvise;

/// <summary><see cref="HintConsistency.Optimistic"/>: advises a running target, and checks after each call whether anything moved since the precheck.</summary>
internal static class OptimisticAttempt
{
    public static TransactionStop Run(TransactionState state, IRecheck recheck, CancellationToken cancellationToken)
    {
        if (state.Plan.Advice == Advice.Collapse)
        {
            return new TransactionStop(HintStatus.Refused, HintReason.CollapseMovesTheSequence);
        }

        TransactionStop stop = TransactionStop.None;
        while (stop.IsNone && !state.Ledger.IsDone)
        {
            stop = TransactionStop.IfCancelled(cancellationToken);
            stop = stop.IsNone ? state.AdviseBatch(BatchCutter.MaxBytes) : stop;
            stop = stop.IsNone ? recheck.LookAgain().StopAfterHints : stop;
        }

        return stop;
    }
}
