namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix of <see cref="HintConsistency.Optimistic"/>.</summary>
public sealed class OptimisticMatrixTests() : MatrixTests(HintConsistency.Optimistic, FreezerKind.Auto);
