namespace ConsistentMadvise;

/// <summary>How an engine works. Read once, when the engine is made.</summary>
public sealed class HintEngineOptions
{
    /// <summary>The most that <see cref="MaxConcurrency"/> can be: each transaction has a thread, and one more while it freezes by ptrace.</summary>
    public const int ConcurrencyLimit = 1024;

    /// <summary>
    /// Gets or sets how many processes are hinted at the same time, from 1 to <see cref="ConcurrencyLimit"/>; the number of processors by
    /// default. With more, transactions wait for a processor while they hold their targets still.
    /// </summary>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;
}
