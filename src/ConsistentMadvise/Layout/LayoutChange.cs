namespace ConsistentMadvise;

/// <summary>One difference between two layouts.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Range">The addresses of the VMA before the change; after it for a new mapping.</param>
/// <param name="Before">The VMA before; null for a new mapping, and for a plan read from JSON.</param>
/// <param name="After">The VMA after; null if it was unmapped.</param>
public readonly record struct LayoutChange(LayoutChangeKind Kind, AddressRange Range, Vma? Before, Vma? After)
{
    /// <summary>Gets what happened.</summary>
    public LayoutChangeKind Kind { get; } = Kind;

    /// <summary>Gets the addresses of the VMA before the change; after it for a new mapping.</summary>
    public AddressRange Range { get; } = Range;

    /// <summary>Gets the VMA before; null for a new mapping, and for a plan read from JSON.</summary>
    public Vma? Before { get; } = Before;

    /// <summary>Gets the VMA after; null if it was unmapped.</summary>
    public Vma? After { get; } = After;

    /// <summary>Returns the change in one line, as <c>unmapped 7f0000000000-7f0000001000 rw-p</c>.</summary>
    public override string ToString() => Kind switch
    {
        LayoutChangeKind.Mapped => $"mapped {After}",
        LayoutChangeKind.Unmapped => $"unmapped {Before?.ToString() ?? Range.ToString()}",
        _ => $"changed {Before?.ToString() ?? Range.ToString()} -> {After}",
    };
}
