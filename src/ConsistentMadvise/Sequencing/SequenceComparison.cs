namespace ConsistentMadvise;

/// <summary>What the kernel's layout sequence says of a token.</summary>
public enum SequenceComparison
{
    /// <summary>Nothing: the token has no sequence or is older than five minutes, or that of the process could not be read. The text decides.</summary>
    NotComparable = 0,

    /// <summary>Nobody has written to the address space since: the layout is the one of the token.</summary>
    Unmoved,

    /// <summary>It has moved, or the process has executed a program. The text may be the same all the same.</summary>
    Moved,
}
