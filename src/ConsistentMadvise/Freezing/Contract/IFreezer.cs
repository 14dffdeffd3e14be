using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes one target, and thaws it.</summary>
/// <remarks>
/// Created before the window with all the memory it needs: <see cref="Freeze"/> and <see cref="Thaw"/> allocate nothing. All calls come from one thread.
/// </remarks>
internal interface IFreezer : IDisposable
{
    FreezerKind Kind { get; }

    /// <summary>Runs the code of <see cref="Freeze"/> and <see cref="Thaw"/> without an effect, so that nothing is compiled while the target is frozen.</summary>
    void WarmUp();

    /// <summary>Waits until no other engine freezes the target. The target runs during the wait, so it is no part of the pause.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) after which it gives up.</param>
    /// <param name="refusal">Why it failed: another engine was active until the deadline, or it could not be determined whether one is.</param>
    bool TryReserve(long deadline, out TransactionStop refusal);

    /// <summary>Checks, before anything is stopped, for what forbids a freeze; <see cref="TransactionStop.None"/> if nothing does. This is no part of the pause either.</summary>
    TransactionStop Survey();

    /// <summary>Holds every thread until <see cref="Thaw"/>. Unless it returns <see cref="TransactionStop.None"/>, the target is as it was found.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) after which it gives up.</param>
    TransactionStop Freeze(long deadline);

    /// <summary>Determines whether everything is still held, as far as one check can show: another process may have thawed it. For use between <see cref="Freeze"/> and <see cref="Thaw"/>.</summary>
    /// <returns>The error that prevented the check.</returns>
    Errno IsHeld(out bool isHeld);

    /// <summary>Whether the pause limit has passed, so that the guard is thawing the target or has thawed it.</summary>
    bool IsPastLimit => false;

    /// <summary>Whether the guard has thawed the target because the pause limit passed, or is doing so.</summary>
    bool HasFired => false;

    /// <summary>Postpones the pause limit: it is counted from now.</summary>
    void Renew()
    {
    }

    /// <summary>Restores the state that <see cref="Freeze"/> found, and releases what <see cref="TryReserve"/> reserved.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused; the target may still be frozen.</exception>
    void Thaw();
}
