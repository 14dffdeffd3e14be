namespace ConsistentMadvise;

/// <summary>How much of the target's layout must be unchanged for a plan to be accepted.</summary>
public enum LayoutMatch
{
    /// <summary>The whole text of <c>/proc/PID/maps</c> hashes to the token. Does not see ABA: unmapping, then mapping the same line again.</summary>
    Layout = 0,

    /// <summary>Every VMA that the plan touches is the same; other VMAs may differ. Does not see ABA.</summary>
    Ranges = 1,

    /// <summary>The kernel's own layout sequence has not moved. Sees ABA. Needs a kernel that lets it be read.</summary>
    Sequence = 2,
}
