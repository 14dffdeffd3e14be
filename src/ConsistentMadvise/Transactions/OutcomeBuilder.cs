namespace ConsistentMadvise;

/// <summary>Turns what a transaction did, and why it stopped, into its outcome.</summary>
internal static class OutcomeBuilder
{
    public static HintOutcome Build(TransactionState state)
    {
        (TransactionStop stop, HintLedger ledger, WindowClock clock) = (state.Stop, state.Ledger, state.Clock);
        RangeOutcome[] ranges = ledger.Close(out bool isComplete);
        HintReason reason = !stop.IsNone ? stop.Reason
            : isComplete ? HintReason.None
            : ranges.Any(static range => range.Status == RangeStatus.Stale) ? HintReason.LayoutChanged
            : ranges.Any(static range => range.Status is RangeStatus.Advised or RangeStatus.Incomplete) ? HintReason.SomeRangesFailed
            : HintReason.AllRangesFailed;
        bool hasMoved = reason is HintReason.LayoutChanged or HintReason.LayoutMovedMeanwhile or HintReason.ThawedByAnother or HintReason.AddressSpaceReplaced;
        HintReport report = new()
        {
            Message = ReasonText.Explain(reason, stop.Subject, stop.Errno),
            BytesPlanned = state.Plan.Bytes,
            BytesAdvised = ledger.BytesAdvised,
            Ranges = ledger.IsTouched ? ranges : [],
            Changes = hasMoved ? StaleChanges.Find(state.Target, state.Plan) : LayoutDiff.Empty,
            Freezer = state.Freezer,
            FreezerReason = state.FreezerReason,
            Windows = clock.Windows,
            Overruns = clock.Overruns,
            LongestPause = WindowClock.ToTime(clock.LongestPause),
            TotalPause = WindowClock.ToTime(clock.TotalPause),
            Timings = clock.Timings,
        };
        return stop.Status switch
        {
            HintStatus.TargetExited => HintOutcome.TargetExited(reason, report),
            HintStatus.Raced => HintOutcome.Raced(reason, report),
            _ when reason == HintReason.None => HintOutcome.Applied(report),
            _ when ledger.HasAdvised => HintOutcome.PartlyApplied(reason, report),
            _ when hasMoved || stop.Status == HintStatus.Stale => HintOutcome.Stale(reason, report),
            HintStatus.FreezeTimedOut => HintOutcome.FreezeTimedOut(reason, report),
            _ => HintOutcome.Refused(reason, report),
        };
    }
}
