namespace ConsistentMadvise;

/// <summary>What is done about processes that share the target's address space without being threads of it (<c>CLONE_VM</c>, <c>vfork(2)</c>).</summary>
/// <remarks>A freeze of the target does not hold them, and they can change its layout while it is frozen. Source: clone(2), kcmp(2).</remarks>
public enum SharerPolicy
{
    /// <summary>A target that is shared is refused: <see cref="HintReason.AddressSpaceShared"/> names a sharer.</summary>
    Refuse = 0,

    /// <summary>The sharers are frozen with the target, by the same freezer.</summary>
    Freeze = 1,

    /// <summary>Nobody looks for sharers. A change that one of them makes in the window is found behind the hints: <see cref="HintStatus.Raced"/>.</summary>
    Ignore = 2,
}
