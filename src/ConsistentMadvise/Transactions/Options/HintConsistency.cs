namespace ConsistentMadvise;

/// <summary>What a transaction does about a target that changes its layout meanwhile.</summary>
public enum HintConsistency
{
    /// <summary>Freezes the target, rechecks the plan, advises, thaws. A stale plan is rejected before any hint.</summary>
    Frozen = 0,

    /// <summary>Rechecks, advises, rechecks; never freezes. A race is reported after the fact. Needs the kernel's layout sequence.</summary>
    Optimistic = 1,

    /// <summary>Advises, without a recheck. For callers who know that the target is at rest, and for comparison.</summary>
    /// <remarks>Only a plan that was read from JSON is held against the layout once, before the first hint: its ranges anyone can have written.</remarks>
    Unchecked = 2,
}
