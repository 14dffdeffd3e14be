using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ConsistentMadvise.Tests;

public sealed class TransactionRecorderTests
{
    [Fact]
    public void Run_Applied_CountsTheTransactionItsBytesAndItsPause()
    {
        Advice advice = Advice.FromKernel(1001);
        using MeasurementLog log = new();

        HintOutcome outcome = TransactionRecorder.Run(1, advice, static () => HintOutcome.PartlyApplied(HintReason.SomeRangesFailed, new HintReport
        {
            BytesPlanned = 8192,
            BytesAdvised = 4096,
            Freezer = FreezerKind.Ptrace,
            Windows = 2,
            LongestPause = TimeSpan.FromMilliseconds(123.25),
        }));

        Assert.Equal(4096ul, outcome.BytesAdvised);
        Assert.Equal(
            [
                "consistent_madvise.transactions {transaction} 1 consistent_madvise.advice=1001 consistent_madvise.status=partly_applied",
                "consistent_madvise.memory.planned By 8192 consistent_madvise.advice=1001",
                "consistent_madvise.memory.advised By 4096 consistent_madvise.advice=1001",
            ],
            log.Of("consistent_madvise.advice=1001"));
        Assert.Contains("consistent_madvise.pause.duration s 0.12325 consistent_madvise.freezer=ptrace", log.Of("consistent_madvise.freezer"));
    }

    [Fact]
    public void Run_NeverFrozen_RecordsNoPause()
    {
        using MeasurementLog log = new();

        TransactionRecorder.Run(1, Advice.FromKernel(1002), static () => HintOutcome.Stale(HintReason.LayoutChanged, new HintReport { BytesPlanned = 4096 }));

        Assert.Contains("consistent_madvise.transactions {transaction} 1 consistent_madvise.advice=1002 consistent_madvise.status=stale", log.Of("advice=1002"));
        Assert.DoesNotContain(log.Of("consistent_madvise.freezer"), static line => line.EndsWith("freezer=auto", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "cancelled", "System.OperationCanceledException")]
    [InlineData(false, "failed", "ConsistentMadvise.TargetMayBeFrozenException")]
    public void Run_Throws_CountsItOnceWithTheErrorAndPassesItOn(bool isCancelled, string status, string error)
    {
        Advice advice = Advice.FromKernel(isCancelled ? 1003 : 1004);
        Exception failure = isCancelled ? new OperationCanceledException() : new TargetMayBeFrozenException(1, FreezerKind.Signal, "Stopped.");
        using MeasurementLog log = new();

        Assert.Same(failure, Record.Exception(() => TransactionRecorder.Run(1, advice, () => throw failure)));

        Assert.Equal(
            $"consistent_madvise.transactions {{transaction}} 1 consistent_madvise.advice={advice} consistent_madvise.status={status} error.type={error}",
            Assert.Single(log.Of($"consistent_madvise.advice={advice}")));
    }

    [Fact]
    public void Run_Listened_MakesOneActivityWithTheTargetAndTheEnd()
    {
        ConcurrentQueue<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == HintTelemetry.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        TransactionRecorder.Run(4711, Advice.FromKernel(1005), static () => HintOutcome.FreezeTimedOut(HintReason.ThreadsDidNotStop, new HintReport { Freezer = FreezerKind.Signal }));

        Activity activity = Assert.Single(ended, static activity => Equals(activity.GetTagItem(HintTelemetry.AdviceTag), "1005"));
        Assert.Equal("consistent_madvise.transaction", activity.OperationName);
        Assert.Equal(4711, activity.GetTagItem("consistent_madvise.target.pid"));
        Assert.Equal("freeze_timed_out", activity.GetTagItem("consistent_madvise.status"));
        Assert.Equal("threads_did_not_stop", activity.GetTagItem("consistent_madvise.reason"));
        Assert.Equal("signal", activity.GetTagItem("consistent_madvise.freezer"));
    }

    [Fact]
    public void Run_ThrowsWhileListened_MarksTheActivity()
    {
        ConcurrentQueue<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == HintTelemetry.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        Assert.Throws<TimeoutException>(() => TransactionRecorder.Run(1, Advice.FromKernel(1006), static () => throw new TimeoutException("Why.")));

        Activity activity = Assert.Single(ended, static activity => Equals(activity.GetTagItem(HintTelemetry.AdviceTag), "1006"));
        Assert.Equal((ActivityStatusCode.Error, "Why."), (activity.Status, activity.StatusDescription));
        Assert.Equal("System.TimeoutException", activity.GetTagItem("error.type"));
    }

    [Fact]
    public void Meter_EveryInstrument_HasTheDocumentedNameUnitAndBuckets()
    {
        using MeasurementLog log = new();
        TransactionRecorder.Run(1, Advice.FromKernel(1007), static () => HintOutcome.Applied(new HintReport()));

        Assert.Equal(
            [HintTelemetry.RecoveredFreezes, HintTelemetry.AdvisedBytes, HintTelemetry.PlannedBytes, HintTelemetry.PauseDuration, HintTelemetry.Transactions],
            log.Instruments.Select(static instrument => instrument.Name).Order(StringComparer.Ordinal));
        Histogram<double> pause = Assert.Single(log.Instruments.OfType<Histogram<double>>());
        IReadOnlyList<double>? buckets = pause.Advice?.HistogramBucketBoundaries;
        Assert.NotNull(buckets);
        Assert.Equal(buckets.Order().Distinct(), buckets);
        Assert.InRange(buckets[0], 0, 0.001);
    }
}
