using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ConsistentMadvise;

/// <summary>The instruments that <see cref="HintTelemetry"/> names.</summary>
internal static class HintMeters
{
    private static readonly Meter Meter = new(HintTelemetry.MeterName, typeof(HintMeters).Assembly.GetName().Version?.ToString(3));

    private static readonly Counter<long> Transactions = Meter.CreateCounter<long>(
        HintTelemetry.Transactions, "{transaction}", "Transactions by status.");

    private static readonly Counter<long> PlannedBytes = Meter.CreateCounter<long>(
        HintTelemetry.PlannedBytes, "By", "Bytes of the plans of transactions.");

    private static readonly Counter<long> AdvisedBytes = Meter.CreateCounter<long>(
        HintTelemetry.AdvisedBytes, "By", "Bytes that the kernel reported as advised.");

    /// <remarks>Without explicit boundaries a collector uses its defaults for milliseconds, and puts every pause into one bucket.</remarks>
    private static readonly Histogram<double> PauseDuration = Meter.CreateHistogram<double>(
        HintTelemetry.PauseDuration,
        "s",
        "The longest time that a transaction kept its target frozen.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1] });

    private static readonly Counter<long> RecoveredFreezes = Meter.CreateCounter<long>(
        HintTelemetry.RecoveredFreezes, "{freeze}", "Freezes of crashed engines that a starting engine found, by recovery status.");

    public static void CountRecovered(string status) => RecoveredFreezes.Add(1, new KeyValuePair<string, object?>(HintTelemetry.StatusTag, status));

    public static void CountTransaction(string status, string advice, string? error)
    {
        TagList tags = new() { { HintTelemetry.StatusTag, status }, { HintTelemetry.AdviceTag, advice } };
        if (error is not null)
        {
            tags.Add(HintTelemetry.ErrorTag, error);
        }

        Transactions.Add(1, tags);
    }

    public static void AddBytes(string advice, ulong planned, ulong advised)
    {
        TagList tags = new() { { HintTelemetry.AdviceTag, advice } };
        PlannedBytes.Add(long.CreateSaturating(planned), tags);
        AdvisedBytes.Add(long.CreateSaturating(advised), tags);
    }

    public static void RecordPause(string freezer, TimeSpan pause) =>
        PauseDuration.Record(pause.TotalSeconds, new KeyValuePair<string, object?>(HintTelemetry.FreezerTag, freezer));
}
