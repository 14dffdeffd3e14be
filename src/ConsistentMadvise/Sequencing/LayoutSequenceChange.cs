namespace ConsistentMadvise;

/// <summary>One difference between two readings of the machine.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Before">The process in the earlier reading; the default value when it had not appeared yet.</param>
/// <param name="After">The process in the later reading; the default value when it is gone.</param>
public readonly record struct LayoutSequenceChange(LayoutSequenceChangeKind Kind, LayoutSequence Before, LayoutSequence After)
{
    /// <summary>Gets the process.</summary>
    public ProcessIdentity Process => Kind == LayoutSequenceChangeKind.Gone ? Before.Process : After.Process;

    /// <summary>Gets by how much the sequence moved, modulo 2^32; some 2 for each change of the layout. 0 when it did not move, or there is nothing to compare.</summary>
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
