namespace ConsistentMadvise;

/// <summary>How a process differs between two readings of the machine.</summary>
public enum LayoutSequenceChangeKind
{
    /// <summary>No change: the default value, which is never reported.</summary>
    None,

    /// <summary>The process was not in the earlier reading.</summary>
    Appeared,

    /// <summary>The process is not in the later reading: it has exited, or its thread-group leader has.</summary>
    Gone,

    /// <summary>The sequence has moved, or a change was in progress both times.</summary>
    Moved,

    /// <summary>The process has called <c>execve(2)</c>: it has a new address space, whose sequence starts again.</summary>
    Replaced,
}
