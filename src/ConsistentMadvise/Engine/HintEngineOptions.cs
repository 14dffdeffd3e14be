namespace ConsistentMadvise;

/// <summary>The options of an engine, read once when it is created.</summary>
public sealed class HintEngineOptions
{
    /// <summary>The maximum of <see cref="MaxConcurrency"/>: each transaction has a thread, and one more while it freezes by ptrace.</summary>
    public const int ConcurrencyLimit = 1024;

    /// <summary>
    /// Gets or sets how many processes are hinted in parallel, from 1 to <see cref="ConcurrencyLimit"/>; the number of processors by
    /// default. With more, transactions wait for a processor while their targets are frozen.
    /// </summary>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;
}
