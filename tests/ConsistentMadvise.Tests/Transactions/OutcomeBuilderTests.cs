using ConsistentMadvise.Interop;
using CsCheck;

namespace ConsistentMadvise.Tests;

/// <summary>The outcome of a transaction says what the kernel did, whatever that is, and wherever the transaction stopped.</summary>
public sealed class OutcomeBuilderTests
{
    private static readonly HintOptions Options = new();

    private static readonly TransactionStop[] Stops =
    [
        TransactionStop.TargetExited,
        new(HintStatus.Stale, HintReason.PlanExpired),
        new(HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop, 7),
        new(HintStatus.Refused, HintReason.Cancelled),
        new(HintStatus.Refused, HintReason.AddressSpaceShared, 8),
    ];

    [Fact]
    public void Build_AnyKernel_SaysWhatItDid() =>
        Gen.Select(TestGen.Layout, Gen.Int).Sample(static (layout, seed) =>
        {
            // No target: only one whose layout has changed is looked at again.
            TransactionState state = new(null!, HintPlan.Create(layout, Advice.Cold, static vma => !vma.IsSpecial), Options, probe: null);
            FakeKernel kernel = new(seed);
            Random random = new(seed);
            int calls = 0;
            TransactionStop stop = TransactionStop.None;
            for (; stop.IsNone && !state.Ledger.IsDone; calls++)
            {
                if (random.Next(12) == 0)
                {
                    stop = Stops[random.Next(Stops.Length)];
                    break;
                }

                state.Ledger.Cut((ulong)random.Next(1, 12) * TestGen.Page);
                Errno errno = kernel.Advise(state.Ledger.Batch, out long advised);
                if (!state.Ledger.Record(errno, advised))
                {
                    stop = errno == Errno.ESRCH ? TransactionStop.TargetExited : new(HintStatus.Refused, HintReason.NotPermitted, 0, errno);
                }
            }

            AssertSaysWhatWasDone(OutcomeBuilder.Build(state, stop), state.Plan, stop, kernel, calls);
        }, iter: 5_000);

    private static void AssertSaysWhatWasDone(HintOutcome outcome, HintPlan plan, TransactionStop stop, FakeKernel kernel, int calls)
    {
        bool isAdvised = kernel.Counted > 0 || outcome.Ranges.Any(static range => range.Status == RangeStatus.Incomplete);
        Assert.Equal((plan.Bytes, kernel.Counted), (outcome.BytesPlanned, outcome.BytesAdvised));
        Assert.Equal(kernel.Counted, outcome.Ranges.Aggregate(0ul, static (sum, range) => sum + range.BytesAdvised));
        Assert.Equal(calls > 0 ? plan.Ranges : [], outcome.Ranges.Select(static range => range.Range));
        Assert.Equal(outcome.Reason == HintReason.None, outcome.Message.Length == 0);
        Assert.True(stop.IsNone || outcome.Reason == stop.Reason);
        HintStatus expected = stop.Status == HintStatus.TargetExited ? HintStatus.TargetExited
            : stop.IsNone && kernel.Counted == plan.Bytes ? HintStatus.Applied
            : isAdvised ? HintStatus.PartlyApplied
            : stop.IsNone ? HintStatus.Refused
            : stop.Status;
        Assert.Equal(expected, outcome.Status);
    }
}
