namespace ConsistentMadvise.Cli;

/// <summary>The changes of one process between two readings.</summary>
/// <param name="Sequence">Its sequence in the later one.</param>
/// <param name="HasChanged">Whether its layout has changed, or was changing both times.</param>
/// <param name="ChangesPerSecond">How often it changed; null for a process that was not in the earlier reading.</param>
/// <param name="Name">Its name; null if it was not read, or has exited.</param>
/// <param name="Memory">Its memory; null likewise.</param>
internal sealed record WatchRow(LayoutSequence Sequence, bool HasChanged, double? ChangesPerSecond, string? Name = null, WatchedMemory? Memory = null)
{
    /// <summary>A change moves the sequence twice: when the writer locks, and when it unlocks (<c>include/linux/mmap_lock.h</c>).</summary>
    private const double MovesPerChange = 2;

    public static WatchRow Unchanged(LayoutSequence sequence) => new(sequence, false, 0);

    public static WatchRow Of(LayoutSequenceChange change, double seconds) => change.Kind switch
    {
        LayoutSequenceChangeKind.Moved => new(change.After, true, change.Delta / MovesPerChange / seconds),

        // The counter of a new address space starts at 0 (mm_init in kernel/fork.c): all of it is since the last reading.
        LayoutSequenceChangeKind.Replaced => new(change.After, true, change.After.Sequence / MovesPerChange / seconds),

        // Not always a new process: one in execve(2) is missing from a reading too.
        _ => new(change.After, false, null),
    };

    /// <summary>Reads name and memory; done only for rows that are shown.</summary>
    public WatchRow WithMemory() =>
        WatchedProcess.TryRead(Sequence.Process, out string? name, out WatchedMemory? memory) ? this with { Name = name, Memory = memory } : this;
}
