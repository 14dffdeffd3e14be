namespace ConsistentMadvise;

/// <summary>Says, where it outlives this process, that a freeze is ours and whom it holds. Arming and disarming allocate nothing.</summary>
internal interface IFreezeRecord : IDisposable
{
    /// <summary>From now on the freeze is ours: should this process die, the guard thaws it. False when there is no guard any more.</summary>
    bool TryArm();

    /// <summary>The target was let go.</summary>
    void Disarm();

    /// <summary>Whether another engine, alive or dead, says of a freeze of this target that it is its own.</summary>
    bool IsClaimedByAnother();
}
