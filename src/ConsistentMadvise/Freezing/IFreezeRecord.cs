namespace ConsistentMadvise;

/// <summary>Says, where it outlives this process, that a freeze is ours and whom it holds. Marking allocates nothing.</summary>
internal interface IFreezeRecord : IDisposable
{
    /// <summary>Runs the code of the others without an effect: nothing is to be compiled while a target is frozen.</summary>
    void Rehearse();

    /// <summary>
    /// Writes down that the freeze is on and ours: should this process die from now on, the guard thaws it. Or that the target was let go. False when it could not
    /// be written, or when there is no guard any more.
    /// </summary>
    bool TryMark(bool isHeld);

    /// <summary>Whether another engine, alive or dead, says of a freeze of this target that it is its own.</summary>
    bool IsClaimedByAnother();
}
