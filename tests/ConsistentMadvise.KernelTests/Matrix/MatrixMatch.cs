namespace ConsistentMadvise.KernelTests;

/// <summary>A match, and whether the plan carries a sequence: without one the text alone decides about the plan.</summary>
internal sealed record MatrixMatch(string Name, LayoutMatch Match, bool WithSequence)
{
    public static IReadOnlyList<MatrixMatch> All { get; } =
    [
        new("Layout", LayoutMatch.Layout, true),
        new("Layout, text alone", LayoutMatch.Layout, false),
        new("Ranges", LayoutMatch.Ranges, true),
        new("Ranges, text alone", LayoutMatch.Ranges, false),
        new("Sequence", LayoutMatch.Sequence, true),
    ];

    /// <summary>Those that make a difference: an unchecked transaction compares nothing.</summary>
    public static IReadOnlyList<MatrixMatch> For(HintConsistency consistency) => consistency == HintConsistency.Unchecked ? [All[0]] : All;

    public override string ToString() => Name;
}
