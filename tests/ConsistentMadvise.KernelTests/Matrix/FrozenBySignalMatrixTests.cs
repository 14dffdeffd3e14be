namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix of <see cref="HintConsistency.Frozen"/> under <see cref="FreezerKind.Signal"/>.</summary>
public sealed class FrozenBySignalMatrixTests() : MatrixTests(HintConsistency.Frozen, FreezerKind.Signal);
