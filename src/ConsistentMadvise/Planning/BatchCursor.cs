namespace ConsistentMadvise;

/// <summary>How far the ranges of a plan have been advised.</summary>
/// <param name="Range">The index of the range to continue in; the number of ranges once all are done.</param>
/// <param name="Offset">The bytes of that range that are done.</param>
internal readonly record struct BatchCursor(int Range, ulong Offset);
