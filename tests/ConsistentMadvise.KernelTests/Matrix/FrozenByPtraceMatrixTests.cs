namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix of <see cref="HintConsistency.Frozen"/> under <see cref="FreezerKind.Ptrace"/>.</summary>
public sealed class FrozenByPtraceMatrixTests() : MatrixTests(HintConsistency.Frozen, FreezerKind.Ptrace);
