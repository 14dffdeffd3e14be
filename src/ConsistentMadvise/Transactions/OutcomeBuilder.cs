namespace ConsistentMadvise;

/// <summary>Builds the outcome from what a transaction did and why it stopped.</summary>
internal static class OutcomeBuilder
{
    public static HintOutcome Build(TransactionState state, TransactionStop stop)
    {
        (HintLedger ledger, WindowClock clock) = (state.Ledger, state.Clock);
        RangeOutcome[] ranges = ledger.Close(out bool isComplete);
        ulong shared = TakeBackShared(state, ranges);
        isComplete &= shared == 0;
        bool hasAdvised = ledger.HasAdvised && (shared == 0 || ledger.BytesAdvised > shared || ranges.Any(static range => range.Status == RangeStatus.Incomplete));
        HintReason reason = !stop.IsNone ? stop.Reason
            : isComplete ? HintReason.None
            : ranges.Any(static range => range.Status == RangeStatus.Stale) ? HintReason.LayoutChanged
            : ranges.Any(static range => range.Status is RangeStatus.Advised or RangeStatus.Incomplete) ? HintReason.SomeRangesFailed
            : HintReason.AllRangesFailed;
        bool hasMoved = StaleChanges.HasMoved(reason);
        HintReport report = new()
        {
            Message = reason switch
            {
                HintReason.PauseTooShort => ReasonText.ExplainPause(state.PauseNeeded),
                HintReason.Cancelled when ledger.IsPending => ReasonText.ExplainPendingCancelled(),
                HintReason.GuardNotAvailable => ReasonText.ExplainGuard(state.FreezerReason),
                _ => ReasonText.Explain(reason, stop.Subject, stop.Errno),
            },
            BytesPlanned = state.Plan.Bytes,
            BytesAdvised = ledger.BytesAdvised - shared,
            BytesEmpty = ledger.BytesEmpty,
            PauseNeeded = reason == HintReason.PauseTooShort ? state.PauseNeeded : TimeSpan.Zero,
            Ranges = ledger.IsTouched || ledger.IsDone ? ranges : [],
            Effect = ledger is { IsTouched: true, IsPending: false } ? state.Meter?.Effect : null,
            Changes = hasMoved && state.IsPlanKnown ? StaleChanges.Find(state.Target, state.Plan) : LayoutDiff.Empty,
            Freezer = state.Freezer,
            FreezerReason = state.FreezerReason,
            Windows = clock.Windows,
            Overruns = clock.Overruns,
            LongestPause = MonotonicTicks.ToTime(clock.LongestPause),
            TotalPause = MonotonicTicks.ToTime(clock.TotalPause),
            Timings = clock.Timings,
        };
        return stop.Status switch
        {
            HintStatus.TargetExited => HintOutcome.TargetExited(reason, report),
            HintStatus.Raced => HintOutcome.Raced(reason, report),
            _ when reason == HintReason.None => HintOutcome.Applied(report),
            _ when hasAdvised => HintOutcome.PartlyApplied(reason, report),
            _ when hasMoved || stop.Status == HintStatus.Stale => HintOutcome.Stale(reason, report),
            HintStatus.FreezeTimedOut => HintOutcome.FreezeTimedOut(reason, report),
            _ => HintOutcome.Refused(reason, report),
        };
    }

    /// <summary>Uncounts the ranges that the kernel counted but could not move. Returns the bytes.</summary>
    private static ulong TakeBackShared(TransactionState state, RangeOutcome[] ranges)
    {
        ulong bytes = 0;
        if (state.Meter is { } meter && !state.Ledger.IsPending && (state.Plan.Advice == Advice.Cold || state.Plan.Advice == Advice.PageOut))
        {
            for (int i = 0; i < ranges.Length; i++)
            {
                if (ranges[i].Status == RangeStatus.Advised && meter.IsShared(i))
                {
                    bytes += ranges[i].BytesAdvised;
                    ranges[i] = new RangeOutcome(ranges[i].Range, RangeStatus.Shared, BytesAdvised: 0, ranges[i].Errno);
                }
            }
        }

        return bytes;
    }
}
