namespace ConsistentMadvise.Cli;

/// <summary>Thrown when a valid request is refused.</summary>
internal sealed class RefusedException(string message) : Exception(message);
