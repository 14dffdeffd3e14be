namespace ConsistentMadvise;

/// <summary>How a process differs between two readings of the machine.</summary>
public enum LayoutSequenceChangeKind
{
    /// <summary>The process was not in the earlier reading.</summary>
    Appeared = 1,

    /// <summary>The process is not in the later reading: it has ended, or its main thread has.</summary>
    Gone,

    /// <summary>The sequence has moved, or a change was under way both times.</summary>
    Moved,

    /// <summary>The process has executed another program: it has a new address space, whose sequence began anew.</summary>
    Replaced,
}
