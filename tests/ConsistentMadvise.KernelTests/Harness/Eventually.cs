using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Waits for a state that another process is bound to reach.</summary>
internal static class Eventually
{
    /// <summary>After this a test fails. It bounds a hang; nothing is measured by it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void Holds(Func<bool> state, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!state())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"not within {Patience}: {what}");
            _ = Kernel.Sleep(100_000);
        }
    }
}
