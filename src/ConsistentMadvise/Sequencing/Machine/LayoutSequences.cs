using System.Collections;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The kernel's layout sequences of all processes, read in one pass: which processes change their layout, and how often.</summary>
/// <remarks>
/// For schedulers that watch a whole machine. Immutable, in pid order. Contains the processes that are visible in the caller's pid namespace and that
/// the kernel's lookup finds; not kernel threads, zombies, or processes whose thread-group leader has exited. A missing process may
/// still be alive. Source: <c>mm->mm_lock_seq</c>, <c>include/linux/mmap_lock.h</c>.
/// </remarks>
public sealed class LayoutSequences : IReadOnlyList<LayoutSequence>
{
    private readonly LayoutSequence[] _entries;

    private LayoutSequences(LayoutSequence[] entries) => _entries = entries;

    /// <summary>Gets whether <see cref="ReadAll()"/> works here: a kernel with the sequence and BTF, <c>CAP_BPF</c> and <c>CAP_PERFMON</c>. The first use tests it.</summary>
    public static bool IsSupported => SequenceReader.Shared.Availability.IsAvailable;

    /// <summary>Gets the number of processes.</summary>
    public int Count => _entries.Length;

    /// <inheritdoc/>
    public LayoutSequence this[int index] => _entries[index];

    /// <summary>Reads every process.</summary>
    /// <remarks>No process is disturbed. Takes less than a microsecond per process; somewhat more outside the initial pid namespace.</remarks>
    /// <example>
    /// <code>
    /// LayoutSequences before = LayoutSequences.ReadAll();
    /// await Task.Delay(TimeSpan.FromSeconds(10));
    /// foreach (LayoutSequenceChange change in LayoutSequences.ReadAll().ChangedSince(before))
    /// {
    ///     Console.WriteLine(change);
    /// }
    /// </code>
    /// </example>
    /// <exception cref="PlatformNotSupportedException">The sequence cannot be read here; the message names what is missing.</exception>
    /// <exception cref="IOException">No descriptor or memory was free.</exception>
    public static LayoutSequences ReadAll() => ReadAll(SequenceReader.Shared);

    /// <summary>Finds a process by its pid and start time.</summary>
    /// <param name="process">The process; an inode is not compared.</param>
    /// <param name="sequence">Its sequence.</param>
    public bool TryFind(ProcessIdentity process, out LayoutSequence sequence)
    {
        int low = 0, high = _entries.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = _entries[middle].Process.Pid.CompareTo(process.Pid);
            if (order == 0)
            {
                sequence = _entries[middle];
                return sequence.Process.IsSameProcess(process);
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        sequence = default;
        return false;
    }

    /// <summary>Returns the differences to an earlier reading, in pid order. Processes whose layout did not change are left out.</summary>
    /// <param name="previous">An earlier reading, by this process and at most a few minutes old: the sequence wraps after 34 minutes at the fastest rate seen.</param>
    public IReadOnlyList<LayoutSequenceChange> ChangedSince(LayoutSequences previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        LayoutSequence none = default;
        List<LayoutSequenceChange> changes = [];
        int old = 0, young = 0;
        while (old < previous.Count || young < Count)
        {
            int oldPid = old < previous.Count ? previous._entries[old].Process.Pid : int.MaxValue;
            int youngPid = young < Count ? _entries[young].Process.Pid : int.MaxValue;
            Compare(
                in oldPid <= youngPid ? ref previous._entries[old++] : ref none,
                in youngPid <= oldPid ? ref _entries[young++] : ref none,
                changes);
        }

        return changes;
    }

    /// <inheritdoc/>
    public IEnumerator<LayoutSequence> GetEnumerator() => ((IEnumerable<LayoutSequence>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static LayoutSequences ReadAll(SequenceReader reader)
    {
        SequenceAvailability availability = reader.GetIterator(out TaskIterator? iterator);
        if (iterator is not null)
        {
            Errno errno = iterator.Read(out LayoutSequence[] all);
            return errno.Ok ? Of(all) : throw new IOException($"The layout sequences could not be read ({errno}); try again.");
        }

        if (reader.Availability.IsAvailable && availability.Obstacle != SequenceObstacle.OutOfResources)
        {
            availability = ProcessScan.Read(reader, out LayoutSequence[] listed);
            if (availability.IsAvailable)
            {
                return Of(listed);
            }
        }

        throw availability.Obstacle == SequenceObstacle.OutOfResources
            ? new IOException(availability.Reason)
            : new PlatformNotSupportedException(availability.Reason);
    }

    /// <summary>Sorts entries, whose pids must differ.</summary>
    internal static LayoutSequences Of(LayoutSequence[] entries)
    {
        for (int i = 1; i < entries.Length; i++)
        {
            if (entries[i].Process.Pid < entries[i - 1].Process.Pid)
            {
                Array.Sort(entries, static (left, right) => left.Process.Pid.CompareTo(right.Process.Pid));
                break;
            }
        }

        return new LayoutSequences(entries);
    }

    private static void Compare(in LayoutSequence before, in LayoutSequence after, List<LayoutSequenceChange> changes)
    {
        if (before.Process == after.Process)
        {
            bool isReplaced = before.Reading.AddressSpace != after.Reading.AddressSpace || before.Reading.ExecId != after.Reading.ExecId;
            if (isReplaced || !after.Reading.IsUnchangedSince(before.Reading))
            {
                changes.Add(new LayoutSequenceChange(isReplaced ? LayoutSequenceChangeKind.Replaced : LayoutSequenceChangeKind.Moved, before, after));
            }

            return;
        }

        // Two processes with one pid: the first has exited and the pid was reused.
        if (before.Process.Pid != 0)
        {
            changes.Add(new LayoutSequenceChange(LayoutSequenceChangeKind.Gone, before, default));
        }

        if (after.Process.Pid != 0)
        {
            changes.Add(new LayoutSequenceChange(LayoutSequenceChangeKind.Appeared, default, after));
        }
    }
}
