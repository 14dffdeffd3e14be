namespace ConsistentMadvise;

/// <summary>How a transaction handles layout changes of its target.</summary>
public enum HintConsistency
{
    /// <summary>Freezes the target, rechecks the plan, advises, thaws. A stale plan is rejected before any hint.</summary>
    Frozen = 0,

    /// <summary>Rechecks, advises, rechecks; never freezes. A race is reported after the fact. Needs the kernel's layout sequence.</summary>
    Optimistic = 1,

    /// <summary>Advises without a recheck. For callers who know that the target is idle, and for comparison.</summary>
    /// <remarks>Only a plan that was read from JSON is compared with the layout, once, before the first hint: anyone may have written its ranges.</remarks>
    Unchecked = 2,
}
