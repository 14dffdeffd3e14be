namespace ConsistentMadvise;

/// <summary>What the kernel's layout sequence says about a token.</summary>
public enum SequenceComparison
{
    /// <summary>Nothing: the token has no sequence or is older than five minutes, or the process's could not be read. The text decides.</summary>
    NotComparable = 0,

    /// <summary>The address space was not write-locked since: the layout is the token's.</summary>
    Unmoved,

    /// <summary>It has moved, or the process has exec'd. The text may still be the same.</summary>
    Moved,
}
