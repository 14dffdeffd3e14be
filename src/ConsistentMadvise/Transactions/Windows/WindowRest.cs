using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Leaves the target running for a while between two windows.</summary>
internal static class WindowRest
{
    /// <summary>How soon a cancelled caller is heard.</summary>
    private const long SliceNanoseconds = 10_000_000;

    public static void Take(TimeSpan rest, CancellationToken cancellationToken)
    {
        long end = Stopwatch.GetTimestamp() + MonotonicTicks.From(rest);
        long left;
        while ((left = end - Stopwatch.GetTimestamp()) > 0 && !cancellationToken.IsCancellationRequested)
        {
            // The errno is of no interest: a sleep that a signal cut short is resumed.
            _ = Kernel.Sleep((long)Math.Min(MonotonicTicks.ToTime(left).TotalNanoseconds, SliceNanoseconds));
        }
    }
}
