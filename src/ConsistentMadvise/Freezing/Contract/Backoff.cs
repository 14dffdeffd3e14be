using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits briefly: first by yielding, because the threads that must stop may need this processor; then by sleeping.</summary>
[RunsFrozen]
internal struct Backoff
{
    private const int Yields = 64;
    private const long SleepNanoseconds = 20_000;

    private int _turns;

    /// <summary>Runs both kinds of wait, so that neither is compiled while a target is frozen.</summary>
    public static void WarmUp()
    {
        Backoff backoff = default;
        backoff.Wait(long.MaxValue);
        backoff._turns = Yields;
        backoff.Wait(long.MaxValue);
    }

    /// <summary>Waits once; false if the deadline has passed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Wait(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return false;
        }

        // The errno does not matter: a wait may end early.
        _ = _turns++ < Yields ? Kernel.Yield() : Kernel.Sleep(SleepNanoseconds);
        return true;
    }
}
