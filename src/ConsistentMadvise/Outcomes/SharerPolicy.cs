namespace ConsistentMadvise;

/// <summary>How to treat processes that share the target's address space without being its threads (<c>CLONE_VM</c>, <c>vfork(2)</c>).</summary>
/// <remarks>
/// A freeze of the target does not stop them, and they can change its layout meanwhile. They are searched for before and during each freeze,
/// among the processes of the caller's pid namespace that the caller may trace; no search is made under <see cref="HintConsistency.Optimistic"/> and
/// <see cref="HintConsistency.Unchecked"/>, which freeze nothing. Needs <c>kcmp(2)</c>: <see cref="Capabilities.SharerSearch"/>. Source: clone(2), kcmp(2).
/// </remarks>
public enum SharerPolicy
{
    /// <summary>
    /// A target with a sharer is refused: <see cref="HintReason.AddressSpaceShared"/>, and the message names one. If sharers cannot be detected,
    /// nothing is refused.
    /// </summary>
    Refuse = 0,

    /// <summary>
    /// The sharers are frozen with the target, in the same way; in a cgroup they must be in the target's. If one cannot be frozen, the target is
    /// refused. A parent that waits for its <c>vfork(2)</c> child cannot stop: <see cref="HintStatus.FreezeTimedOut"/>, unless the child is done in time.
    /// </summary>
    Freeze = 1,

    /// <summary>Sharers are not searched for. A change that one makes in the window is found after the hints: <see cref="HintStatus.Raced"/>.</summary>
    Ignore = 2,
}
