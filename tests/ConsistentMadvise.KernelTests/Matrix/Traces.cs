namespace ConsistentMadvise.KernelTests;

/// <summary>By what a mutation can be noticed.</summary>
[Flags]
public enum Traces
{
    None = 0,

    /// <summary>The line of maps of the planned memory changes.</summary>
    PlannedLine = 1,

    /// <summary>Another line changes, comes or goes.</summary>
    OtherLine = 2,

    /// <summary>The kernel's sequence moves: the address space was locked for writing.</summary>
    Sequence = 4,

    /// <summary>The sequence of the planned VMA moves too: that VMA was locked for writing.</summary>
    PlannedSequence = 8,
}
