using System.Diagnostics;

namespace ConsistentMadvise.Cli;

/// <summary>Compares each reading of the machine with the one before.</summary>
/// <param name="first">What the first report is compared with.</param>
/// <param name="target">The only process to watch; null for all but this one, which changes its layout by watching.</param>
/// <param name="all">Whether processes that did not change are listed.</param>
/// <param name="top">How many processes are listed at most.</param>
internal sealed class LayoutWatch(LayoutSequences first, ProcessTarget? target, bool all, int top)
{
    private LayoutSequences _last = first;
    private long _lastAt = Stopwatch.GetTimestamp();

    /// <summary>Whether the target was found to have ended.</summary>
    public bool IsTargetGone { get; private set; }

    /// <summary>Reads the machine; null when the target has ended.</summary>
    /// <exception cref="RefusedException">The target lives, and the kernel does not show its sequence.</exception>
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
            throw new RefusedException($"The kernel shows no layout sequence of process {target.Pid}: its main thread has ended, or it may not be looked up.");
        }

        (_last, _lastAt) = (now, at);
        int changed = rows.Count(static row => row.HasChanged);
        return new WatchReport(
            DateTimeOffset.UtcNow, elapsed, now.Count, changed,
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

    private bool IsWatched(LayoutSequence sequence) =>
        target is null ? sequence.Process.Pid != Environment.ProcessId : sequence.Process.IsSameProcess(target.Identity);
}
