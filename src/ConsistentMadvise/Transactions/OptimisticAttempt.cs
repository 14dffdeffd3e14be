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
            stop = stop.IsNone && state.Ledger.IsTouched ? DropChanged(state, recheck) : stop;
            if (stop.IsNone && !state.Ledger.IsDone)
            {
                stop = state.AdviseBatch(BatchCutter.MaxBytes);
                stop = stop.IsNone ? recheck.LookAgain().StopAfterHints : stop;
            }
        }

        return state.Remainder.HasRaced && stop.Status != HintStatus.TargetExited ? TransactionStop.Raced : stop;
    }

    /// <summary>Between two calls <see cref="LayoutMatch.Ranges"/> drops what has changed. The other matches have just compared the whole layout.</summary>
    private static TransactionStop DropChanged(TransactionState state, IRecheck recheck)
    {
        if (state.Options.Match != LayoutMatch.Ranges)
        {
            return TransactionStop.None;
        }

        state.Ledger.BeginWindow();
        RecheckResult result = recheck.Run(mayDrop: true);
        state.Ledger.SkipDropped();
        return result.StopBeforeHints;
    }
}
