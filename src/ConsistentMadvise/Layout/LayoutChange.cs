namespace ConsistentMadvise;

/// <summary>One difference between two layouts.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Range">The addresses of the VMA: before the change, or after it when it was mapped since.</param>
/// <param name="Before">The VMA before; null when it was mapped since, and when the plan does not tell (it was read from JSON).</param>
/// <param name="After">The VMA after; null when it was unmapped since.</param>
public readonly record struct LayoutChange(LayoutChangeKind Kind, AddressRange Range, Vma? Before, Vma? After)
{
    /// <summary>Returns the change in one line, as <c>unmapped 7f0000000000-7f0000001000 rw-p</c>.</summary>
    public override string ToString() => Kind switch
    {
        LayoutChangeKind.Mapped => $"mapped {After}",
        LayoutChangeKind.Unmapped => $"unmapped {Before?.ToString() ?? Range.ToString()}",
        _ => $"changed {Before?.ToString() ?? Range.ToString()} -> {After}",
    };
}
