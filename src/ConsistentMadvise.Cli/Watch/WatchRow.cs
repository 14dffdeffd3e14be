namespace ConsistentMadvise.Cli;

/// <summary>What became of one process between two readings.</summary>
/// <param name="Sequence">Its sequence in the later one.</param>
/// <param name="HasChanged">Whether its layout has changed, or was changing both times.</param>
/// <param name="ChangesPerSecond">How often it changed; null for a process that was not in the earlier reading.</param>
/// <param name="Name">Its name; null when it was not looked at, or has ended.</param>
/// <param name="Memory">Its memory; null likewise.</param>
internal sealed record WatchRow(LayoutSequence Sequence, bool HasChanged, double? ChangesPerSecond, string? Name = null, WatchedMemory? Memory = null)
{
    /// <summary>A change moves the sequence twice: where the writer goes in, and where it leaves (<c>include/linux/mmap_lock.h</c>).</summary>
    private const double MovesPerChange = 2;

    public static WatchRow Unchanged(LayoutSequence sequence) => new(sequence, false, 0);

    public static WatchRow Of(LayoutSequenceChange change, double seconds) => change.Kind switch
    {
        LayoutSequenceChangeKind.Moved => new(change.After, true, change.Delta / MovesPerChange / seconds),

        // The counter of a new address space begins at 0 (mm_init in kernel/fork.c): all of it fell between the readings.
        LayoutSequenceChangeKind.Replaced => new(change.After, true, change.After.Sequence / MovesPerChange / seconds),

        // Not always a young process: one that is about to execute a program is missing from a reading too.
        _ => new(change.After, false, null),
    };

    /// <summary>Looks at the process: only what is shown is worth it.</summary>
    public WatchRow WithMemory() =>
        WatchedProcess.TryRead(Sequence.Process, out string? name, out WatchedMemory? memory) ? this with { Name = name, Memory = memory } : this;
}
