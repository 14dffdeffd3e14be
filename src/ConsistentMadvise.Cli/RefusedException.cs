namespace ConsistentMadvise.Cli;

/// <summary>What the user asked for is understood and is not done.</summary>
internal sealed class RefusedException(string message) : Exception(message);
