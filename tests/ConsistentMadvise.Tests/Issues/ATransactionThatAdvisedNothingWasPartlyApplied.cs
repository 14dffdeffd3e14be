using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>The kernel refused the only call completely, but because a call was made the outcome was "partly applied". <c>NothingAdvisedWasCalledPartlyApplied</c> is the same bug on a kernel.</summary>
public sealed class ATransactionThatAdvisedNothingWasPartlyApplied
{
    private static readonly TransactionStop TimedOut = new(HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop);
    private static readonly TransactionStop Cancelled = new(HintStatus.Refused, HintReason.Cancelled);

    [Fact]
    public void Build_TheFirstCallIsNotPermitted_IsRefused()
    {
        TransactionState state = Begun();
        Assert.False(state.Ledger.Record(Errno.EPERM, -1));

        HintOutcome outcome = OutcomeBuilder.Build(state, new TransactionStop(HintStatus.Refused, HintReason.NotPermitted, 0, Errno.EPERM));

        Assert.Equal((HintStatus.Refused, HintReason.NotPermitted, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        Assert.Equal([RangeStatus.Failed, RangeStatus.NotAttempted], outcome.Ranges.Select(static range => range.Status));
    }

    [Fact]
    public void Build_OnlyARangeThatWasSkippedCameBeforeTheEnd_IsNotPartlyApplied()
    {
        Assert.Equal(HintStatus.FreezeTimedOut, AfterASkippedRange(TimedOut).Status);
        Assert.Equal((HintStatus.Refused, HintReason.Cancelled), (AfterASkippedRange(Cancelled).Status, AfterASkippedRange(Cancelled).Reason));
    }

    [Fact]
    public void Build_ARangeWithAHoleCameBeforeTheEnd_IsPartlyApplied()
    {
        TransactionState state = Begun();
        Assert.True(state.Ledger.Record(Errno.ENOMEM, -1));

        Assert.Equal((HintStatus.PartlyApplied, HintReason.ThreadsDidNotStop), (OutcomeBuilder.Build(state, TimedOut).Status, OutcomeBuilder.Build(state, TimedOut).Reason));
    }

    private static HintOutcome AfterASkippedRange(TransactionStop stop)
    {
        TransactionState state = Begun();
        Assert.True(state.Ledger.Record(Errno.EINVAL, -1));
        return OutcomeBuilder.Build(state, stop);
    }

    private static TransactionState Begun()
    {
        LayoutSnapshot layout = TestLayout.Of("7f0000000000-7f0000010000 rw-p 00000000 00:00 0 ", "7f0000020000-7f0000030000 rw-p 00000000 00:00 0 ");
        TransactionState state = new(null!, HintPlan.Create(layout, Advice.Cold, static _ => true), new HintOptions(), probe: null);
        state.Ledger.Cut(ulong.MaxValue);
        return state;
    }
}
