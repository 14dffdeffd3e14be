namespace ConsistentMadvise;

/// <summary>Leaves the windows on a tracing thread that was given up (<see cref="ITracingFreezer.GivesUp"/>): the transaction completed without it, and nothing of it may be touched any more.</summary>
internal sealed class TracingGivenUpException : Exception;
