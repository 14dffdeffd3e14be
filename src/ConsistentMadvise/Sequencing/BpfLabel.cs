namespace ConsistentMadvise;

/// <summary>A place in a program that is jumped to, forwards or backwards.</summary>
internal readonly record struct BpfLabel(int Number);
