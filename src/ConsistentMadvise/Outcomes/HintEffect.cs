namespace ConsistentMadvise;

/// <summary>The memory use of a plan's ranges before and after a transaction. See <see cref="HintOptions.MeasureEffect"/>.</summary>
/// <remarks>The target runs at both moments; its own activity is part of the difference.</remarks>
public sealed class HintEffect
{
    internal HintEffect(MemoryUse before, MemoryUse after, int errno)
    {
        Before = before;
        After = after;
        Errno = errno;
    }

    /// <summary>Gets the memory use before the first window.</summary>
    public MemoryUse Before { get; }

    /// <summary>Gets the memory use after the target was thawed; zero if not measured.</summary>
    public MemoryUse After { get; }

    /// <summary>Gets the error that prevented the measurement (errno(3)), such as <c>EACCES</c> for <c>/proc/PID/pagemap</c> or <c>ESRCH</c> for a process that exited; 0 if it was measured.</summary>
    public int Errno { get; }

    /// <summary>Gets whether both moments were measured.</summary>
    public bool IsMeasured => Errno == 0;

    /// <summary>Gets by how much resident memory shrank.</summary>
    public ulong LeftBytes => IsMeasured && After.ResidentBytes < Before.ResidentBytes ? Before.ResidentBytes - After.ResidentBytes : 0;
}
