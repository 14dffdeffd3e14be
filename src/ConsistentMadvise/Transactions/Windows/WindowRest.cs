using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits between two windows while the target runs.</summary>
internal static class WindowRest
{
    /// <summary>The longest time before a cancellation is noticed.</summary>
    private const long SliceNanoseconds = 10_000_000;

    public static void Take(TimeSpan rest, CancellationToken cancellationToken)
    {
        long end = Stopwatch.GetTimestamp() + MonotonicTicks.From(rest);
        long left;
        while ((left = end - Stopwatch.GetTimestamp()) > 0 && !cancellationToken.IsCancellationRequested)
        {
            // The errno does not matter: a sleep that a signal interrupts is continued.
            _ = Kernel.Sleep((long)Math.Min(MonotonicTicks.ToTime(left).TotalNanoseconds, SliceNanoseconds));
        }
    }
}
