namespace ConsistentMadvise;

/// <summary>The memory use of a plan's ranges at one moment, in bytes.</summary>
public readonly record struct MemoryUse
{
    /// <summary>Gets the resident and mapped bytes; without the shared zero page if the kernel has <c>PAGEMAP_SCAN</c> (Linux 6.7).</summary>
    public ulong ResidentBytes { get; internal init; }

    /// <summary>Gets the bytes in swap. Swapped shared memory is not visible, and not counted.</summary>
    public ulong SwappedBytes { get; internal init; }

    /// <summary>Gets the part of <see cref="ResidentBytes"/> that is mapped once: not shared with a forked process, by KSM, or by a second mapping. <c>COLD</c> and <c>PAGEOUT</c> skip all else.</summary>
    public ulong ExclusiveBytes { get; internal init; }

    /// <summary>Gets the part of <see cref="ResidentBytes"/> mapped as huge pages; null before Linux 6.7, which does not report it.</summary>
    public ulong? HugeBytes { get; internal init; }
}
