namespace ConsistentMadvise;

/// <summary>One difference between two snapshots.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Before">The VMA before; null when it was mapped since.</param>
/// <param name="After">The VMA after; null when it was unmapped since.</param>
public readonly record struct LayoutChange(LayoutChangeKind Kind, Vma? Before, Vma? After)
{
    /// <summary>Returns the change in one line, as <c>unmapped 7f0000000000-7f0000001000 rw-p</c>.</summary>
    public override string ToString() => Kind switch
    {
        LayoutChangeKind.Mapped => $"mapped {After}",
        LayoutChangeKind.Unmapped => $"unmapped {Before}",
        _ => $"changed {Before} -> {After}",
    };
}
