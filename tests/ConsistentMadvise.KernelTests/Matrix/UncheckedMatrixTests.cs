namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix of <see cref="HintConsistency.Unchecked"/>.</summary>
public sealed class UncheckedMatrixTests() : MatrixTests(HintConsistency.Unchecked, FreezerKind.Auto);
