namespace ConsistentMadvise;

/// <summary>How much of the target's layout must be unchanged for a plan to be accepted.</summary>
public enum LayoutMatch
{
    /// <summary>The whole text of <c>/proc/PID/maps</c> hashes to the token. Does not detect ABA: a VMA unmapped and mapped again with the same line.</summary>
    Layout = 0,

    /// <summary>
    /// Every VMA that the plan touches is the same; other VMAs may differ. With <c>Capabilities.VmaSequences</c>: none of them was locked for writing since the layout was
    /// captured, which detects ABA, and rejects after <c>fork(2)</c> without need. Without: each has the same line in <c>/proc/PID/maps</c>, which does not detect ABA.
    /// </summary>
    Ranges = 1,

    /// <summary>The kernel's own layout sequence has not moved. Detects ABA. Needs <see cref="LayoutSequences.IsSupported"/>.</summary>
    Sequence = 2,
}
