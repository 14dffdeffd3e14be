using System.Diagnostics;

namespace ConsistentMadvise;

/// <summary>Durations as differences of <see cref="Stopwatch.GetTimestamp"/>.</summary>
internal static class MonotonicTicks
{
    /// <summary>Converts a duration to ticks; <see cref="long.MaxValue"/> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static long From(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)(time.TotalSeconds * Stopwatch.Frequency);

    public static TimeSpan ToTime(long ticks) => Stopwatch.GetElapsedTime(0, ticks);
}
