using System.Diagnostics;

namespace ConsistentMadvise.Cli;

/// <summary>Compares each reading of the machine with the one before.</summary>
/// <param name="target">The only process to watch; null for all but this one, which changes its layout by watching.</param>
/// <param name="all">Whether processes that did not change are listed.</param>
/// <param name="top">How many processes are listed at most.</param>
internal sealed class LayoutWatch(ProcessTarget? target, bool all, int top)
{
    private LayoutSequences _last = LayoutSequences.ReadAll();
    private long _lastAt = Stopwatch.GetTimestamp();
    private bool _wasSeen;

    /// <summary>Whether the target was found to have ended.</summary>
    public bool IsTargetGone { get; private set; }

    /// <summary>Reads the machine; null when the target has ended.</summary>
    /// <exception cref="TargetException">The main thread of the target has ended.</exception>
    /// <exception cref="RefusedException">The target lives, and the kernel has not shown its sequence.</exception>
    public WatchReport? Read()
    {
        LayoutSequences now = LayoutSequences.ReadAll();
        long at = Stopwatch.GetTimestamp();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_lastAt, at);
        List<WatchRow> rows = Compare(now, elapsed.TotalSeconds);
        IsTargetGone = target is { HasExited: true };
        if (IsTargetGone)
        {
            return null;
        }

        if (target is not null && rows.Count == 0)
        {
            ThrowIfHidden(target);
        }

        _wasSeen |= rows.Count != 0;
        (_last, _lastAt) = (now, at);
        int changed = rows.Count(static row => row.HasChanged);
        return new WatchReport(
            DateTimeOffset.UtcNow, elapsed, now.Count(IsWatched), changed,
            [.. rows.OrderByDescending(static row => row.ChangesPerSecond ?? 0).ThenBy(static row => row.Sequence.Process.Pid).Take(top).Select(static row => row.WithMemory())]);
    }

    private List<WatchRow> Compare(LayoutSequences now, double seconds)
    {
        Dictionary<int, LayoutSequenceChange> changes = now.ChangedSince(_last)
            .Where(static change => change.Kind != LayoutSequenceChangeKind.Gone).ToDictionary(static change => change.Process.Pid);
        List<WatchRow> rows = [];
        foreach (LayoutSequence sequence in now.Where(IsWatched))
        {
            WatchRow row = changes.TryGetValue(sequence.Process.Pid, out LayoutSequenceChange change)
                ? WatchRow.Of(change, seconds)
                : WatchRow.Unchanged(sequence);
            if (row.HasChanged || all || target is not null)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>A process that ends has no address space for a while before it has ended, and one that executes a program is missed: that passes.</summary>
    private void ThrowIfHidden(ProcessTarget hidden)
    {
        bool isThere = ProcessTarget.TryOpen(hidden.Pid, out ProcessTarget? again, out TargetError error);
        again?.Dispose();
        if (error == TargetError.MainThreadEnded)
        {
            throw new TargetException(hidden.Pid, error);
        }

        if (isThere && !_wasSeen)
        {
            throw new RefusedException($"The kernel shows no layout sequence of process {hidden.Pid}.");
        }
    }

    private bool IsWatched(LayoutSequence sequence) =>
        target is null ? sequence.Process.Pid != Environment.ProcessId : sequence.Process.IsSameProcess(target.Identity);
}
