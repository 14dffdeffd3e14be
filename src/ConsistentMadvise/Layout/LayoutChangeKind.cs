namespace ConsistentMadvise;

/// <summary>How a VMA differs between two snapshots.</summary>
public enum LayoutChangeKind
{
    /// <summary>No change: the default value, which is never reported.</summary>
    None,

    /// <summary>A VMA begins where none began before.</summary>
    Mapped,

    /// <summary>No VMA begins where one began before.</summary>
    Unmapped,

    /// <summary>A VMA begins at the same address, with another end, permissions, file or name.</summary>
    Changed,
}
