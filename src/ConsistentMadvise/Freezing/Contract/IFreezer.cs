using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Holds one target still, and lets it go.</summary>
/// <remarks>
/// Made before the window with all memory it needs; <see cref="Freeze"/> and <see cref="Thaw"/> allocate nothing. All calls come from one thread.
/// </remarks>
internal interface IFreezer : IDisposable
{
    FreezerKind Kind { get; }

    /// <summary>Runs the code of <see cref="Freeze"/> and <see cref="Thaw"/> without an effect, so that nothing is compiled while the target is frozen.</summary>
    void WarmUp();

    /// <summary>Waits until no other engine is in the way. The target runs meanwhile: this is no part of the pause.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) after which it gives up.</param>
    /// <param name="refusal">Why it could not: another engine was in the way until the deadline, or it could not be seen whether one is.</param>
    bool TryReserve(long deadline, out TransactionStop refusal);

    /// <summary>Looks, before anything is stopped, for what forbids it; <see cref="TransactionStop.None"/> when nothing does. This is no part of the pause either.</summary>
    TransactionStop Survey();

    /// <summary>Holds every thread still until <see cref="Thaw"/>. Unless it returns <see cref="TransactionStop.None"/> the target is as it was found.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) after which it gives up.</param>
    TransactionStop Freeze(long deadline);

    /// <summary>Finds out whether everything is still held, as far as one look can: another may have thawed it. For use between <see cref="Freeze"/> and <see cref="Thaw"/>.</summary>
    /// <returns>An error that kept it from being seen.</returns>
    Errno IsHeld(out bool isHeld);

    /// <summary>Whether the pause limit has passed, so that the guard thaws the target now, or already has.</summary>
    bool IsPastLimit => false;

    /// <summary>Whether the guard has thawed the target because the pause limit had passed, or is at it.</summary>
    bool HasFired => false;

    /// <summary>Puts the pause limit off, counted from now.</summary>
    void Renew()
    {
    }

    /// <summary>Restores what <see cref="Freeze"/> found, and lets other engines have what <see cref="TryReserve"/> took.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused; the target may still be frozen.</exception>
    void Thaw();
}
