namespace ConsistentMadvise;

/// <summary>Leaves the windows on a tracing thread that was given up (<see cref="ITracingFreezer.GivesUp"/>): the transaction ended without it, and the thread must touch none of its state.</summary>
internal sealed class TracingGivenUpException : Exception;
