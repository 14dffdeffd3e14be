namespace ConsistentMadvise;

/// <summary>A jump target in a program, forwards or backwards.</summary>
internal readonly record struct BpfLabel(int Number);
