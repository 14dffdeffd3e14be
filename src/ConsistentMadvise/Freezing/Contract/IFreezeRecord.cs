using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Records, where it outlives this process, that a freeze is ours and what it holds. Marking allocates nothing.</summary>
internal interface IFreezeRecord : IDisposable
{
    /// <summary>Runs the code of the other members without an effect, so that nothing is compiled while a target is frozen.</summary>
    void WarmUp();

    /// <summary>
    /// Records whether we hold the freeze, so that the guard thaws the target if this process dies. Returns false if the record could not be written
    /// or the guard is gone.
    /// </summary>
    bool TryMark(bool isHeld);

    /// <summary>Reports that the marked freeze is in effect; false if the pause limit passed first and the guard has thawed it.</summary>
    bool TryHold();

    /// <summary>Postpones the pause limit: it is counted from now.</summary>
    void Renew();

    /// <summary>Whether the guard has thawed the freeze, or is about to.</summary>
    bool HasFired { get; }

    /// <summary>Whether the guard has thawed the freeze, or is due to.</summary>
    bool IsPastLimit { get; }

    /// <summary>Determines whether another engine, alive or dead, claims a freeze of this target.</summary>
    /// <returns>The error that kept a journal from being read.</returns>
    Errno IsClaimedByAnother(out bool isClaimed);
}
