namespace ConsistentMadvise;

/// <summary>How a VMA differs between two snapshots.</summary>
public enum LayoutChangeKind
{
    /// <summary>A VMA begins where none began before.</summary>
    Mapped = 1,

    /// <summary>No VMA begins any more where one began.</summary>
    Unmapped,

    /// <summary>A VMA begins at the same address, with another end, permissions, file or name.</summary>
    Changed,
}
