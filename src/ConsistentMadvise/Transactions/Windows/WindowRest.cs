using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lets the target run for a while between two windows.</summary>
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
            // The errno tells nothing here: a sleep that a signal cut short is gone on with.
            _ = Kernel.Sleep((long)Math.Min(MonotonicTicks.ToTime(left).TotalNanoseconds, SliceNanoseconds));
        }
    }
}
