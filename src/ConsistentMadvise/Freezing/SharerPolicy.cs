namespace ConsistentMadvise;

/// <summary>What is done about processes that share the target's address space without being threads of it (<c>CLONE_VM</c>, <c>vfork(2)</c>).</summary>
/// <remarks>
/// A freeze of the target does not hold them, and they can change its layout while it is frozen. They are looked for before each freeze and in it,
/// among the processes of the caller's pid namespace that the caller may trace; nobody looks under <see cref="HintConsistency.Optimistic"/> and
/// <see cref="HintConsistency.Unchecked"/>, which hold nobody. Needs <c>kcmp(2)</c>: <see cref="Capabilities.SharerSearch"/>. Source: clone(2), kcmp(2).
/// </remarks>
public enum SharerPolicy
{
    /// <summary>
    /// A target that is shared is refused: <see cref="HintReason.AddressSpaceShared"/>, and the message names a sharer. Where they cannot be looked for,
    /// nothing is refused.
    /// </summary>
    Refuse = 0,

    /// <summary>
    /// The sharers are frozen with the target, in the same way; in a cgroup they must be in the target's. One that cannot be frozen is a reason to
    /// refuse. A parent that waits for its <c>vfork(2)</c> child cannot stop: <see cref="HintStatus.FreezeTimedOut"/>, unless the child is done in time.
    /// </summary>
    Freeze = 1,

    /// <summary>Nobody looks for sharers. A change that one of them makes in the window is found behind the hints: <see cref="HintStatus.Raced"/>.</summary>
    Ignore = 2,
}
