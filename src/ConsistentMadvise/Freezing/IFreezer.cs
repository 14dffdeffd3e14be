namespace ConsistentMadvise;

/// <summary>Holds one target still, and lets it go.</summary>
/// <remarks>
/// Made before the window with all memory it needs; <see cref="Freeze"/> and <see cref="Thaw"/> allocate nothing. All calls come from one thread.
/// </remarks>
internal interface IFreezer : IDisposable
{
    FreezerKind Kind { get; }

    /// <summary>Runs the code of <see cref="Freeze"/> and <see cref="Thaw"/> without an effect, so that nothing is compiled while the target is frozen.</summary>
    void Rehearse();

    /// <summary>Waits until no other engine is in the way; false when one was until the deadline. The target runs meanwhile: this is no part of the pause.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) behind which it gives up.</param>
    bool TryReserve(long deadline);

    /// <summary>Holds every thread still until <see cref="Thaw"/>. Unless it returns <see cref="FreezeStatus.Frozen"/> the target is as it was found.</summary>
    /// <param name="deadline">A monotonic timestamp (<c>Stopwatch.GetTimestamp()</c>) behind which it gives up.</param>
    FreezeResult Freeze(long deadline);

    /// <summary>Whether everything is still held, as far as one look can tell: another may have thawed it. For use between <see cref="Freeze"/> and <see cref="Thaw"/>.</summary>
    bool IsHeld();

    /// <summary>Restores what <see cref="Freeze"/> found, and lets other engines have what <see cref="TryReserve"/> took.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused; the target may still be frozen.</exception>
    void Thaw();
}
