using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Says, where it outlives this process, that a freeze is ours and whom it holds. Marking allocates nothing.</summary>
internal interface IFreezeRecord : IDisposable
{
    /// <summary>Runs the code of the others without an effect: nothing is to be compiled while a target is frozen.</summary>
    void WarmUp();

    /// <summary>
    /// Records whether we hold the freeze, so that the guard thaws it if this process dies. Returns false if the record could not be written, or if the guard
    /// is gone.
    /// </summary>
    bool TryMark(bool isHeld);

    /// <summary>The freeze that was marked has taken hold; false when its pause limit has passed before, and the guard has thawed it.</summary>
    bool TryHold();

    /// <summary>Puts the pause limit off, counted from now.</summary>
    void Renew();

    /// <summary>Whether the guard has thawed the freeze, or is about to.</summary>
    bool HasFired { get; }

    /// <summary>Whether the guard has thawed the freeze, or is due to.</summary>
    bool IsPastLimit { get; }

    /// <summary>Finds out whether another engine, alive or dead, says of a freeze of this target that it is its own.</summary>
    /// <returns>An error that kept a journal from being read.</returns>
    Errno IsClaimedByAnother(out bool isClaimed);
}
