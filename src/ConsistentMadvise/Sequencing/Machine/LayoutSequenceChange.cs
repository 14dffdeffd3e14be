namespace ConsistentMadvise;

/// <summary>One difference between two readings of the machine.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Before">The process in the earlier reading; the default value if it was not in it.</param>
/// <param name="After">The process in the later reading; the default value if it is not in it.</param>
public readonly record struct LayoutSequenceChange(LayoutSequenceChangeKind Kind, LayoutSequence Before, LayoutSequence After)
{
    /// <summary>Gets what happened.</summary>
    public LayoutSequenceChangeKind Kind { get; } = Kind;

    /// <summary>Gets the process in the earlier reading; the default value if it was not in it.</summary>
    public LayoutSequence Before { get; } = Before;

    /// <summary>Gets the process in the later reading; the default value if it is not in it.</summary>
    public LayoutSequence After { get; } = After;

    /// <summary>Gets the process.</summary>
    public ProcessIdentity Process => Kind == LayoutSequenceChangeKind.Gone ? Before.Process : After.Process;

    /// <summary>Gets by how much the sequence moved, modulo 2^32; at least 2 per layout change. 0 if it did not move, or there is nothing to compare.</summary>
    public uint Delta => Kind == LayoutSequenceChangeKind.Moved ? unchecked(After.Sequence - Before.Sequence) : 0;

    /// <summary>Returns the change in one line, as <c>moved 1234 by 6</c>.</summary>
    public override string ToString() => Kind switch
    {
        LayoutSequenceChangeKind.Appeared => $"appeared {Process.Pid}",
        LayoutSequenceChangeKind.Gone => $"gone {Process.Pid}",
        LayoutSequenceChangeKind.Replaced => $"replaced {Process.Pid}",
        _ => $"moved {Process.Pid} by {Delta}",
    };
}
