namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix of <see cref="HintConsistency.Frozen"/> under <see cref="FreezerKind.Cgroup"/>.</summary>
public sealed class FrozenByCgroupMatrixTests() : MatrixTests(HintConsistency.Frozen, FreezerKind.Cgroup);
