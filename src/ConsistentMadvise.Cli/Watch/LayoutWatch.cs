using System.Diagnostics;

namespace ConsistentMadvise.Cli;

/// <summary>Compares each reading of the machine with the one before.</summary>
/// <param name="target">The only process to watch; null for all except this process, which changes its layout by watching.</param>
/// <param name="all">Whether processes that did not change are listed.</param>
/// <param name="top">The maximum number of processes listed.</param>
internal sealed class LayoutWatch(ProcessTarget? target, bool all, int top)
{
    private LayoutSequences _last = LayoutSequences.ReadAll();
    private long _lastAt = Stopwatch.GetTimestamp();
    private bool _wasSeen;

    /// <summary>Whether the target has exited.</summary>
    public bool IsTargetGone { get; private set; }

    /// <summary>Reads the machine; null if the target has exited.</summary>
    /// <exception cref="TargetException">The thread-group leader of the target has exited.</exception>
    /// <exception cref="RefusedException">The target is alive, but the kernel does not show its sequence.</exception>
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

    /// <summary>An exiting process briefly has no address space, and one in execve(2) is missed: both are retried.</summary>
    private void ThrowIfHidden(ProcessTarget hidden)
    {
        bool isThere = ProcessTarget.TryOpen(hidden.Pid, out ProcessTarget? again, out TargetError error);
        again?.Dispose();
        if (error == TargetError.ThreadGroupLeaderExited)
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
