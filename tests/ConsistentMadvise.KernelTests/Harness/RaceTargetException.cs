namespace ConsistentMadvise.KernelTests;

/// <summary>The race target answered with an error, or not at all.</summary>
internal sealed class RaceTargetException(string message) : Exception(message);
