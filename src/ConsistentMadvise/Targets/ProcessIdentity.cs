namespace ConsistentMadvise;

/// <summary>Distinguishes a process from every other that ever has the same pid.</summary>
/// <param name="Pid">The process id in the caller's pid namespace.</param>
/// <param name="StartTime">
/// Start time in clock ticks since boot: field 22 of <c>/proc/PID/stat</c> (proc_pid_stat(5)), without the offset of the reader's time namespace, so that
/// every reader has the same (time_namespaces(7)).
/// </param>
/// <param name="PidfdInode">The inode number of the process's pidfd: unique until the next boot since Linux 6.9 (pidfs), 0 before.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime, ulong PidfdInode)
{
    /// <summary>Returns whether the other identity may be of the same process: equal in all that both know.</summary>
    /// <param name="other">The other identity.</param>
    /// <remarks>An inode of 0 is unknown and equals any.</remarks>
    public bool IsSameProcess(ProcessIdentity other) =>
        StartTime == other.StartTime && IsSameProcessToATick(other);

    /// <summary>The same, for a process searched for after a crash.</summary>
    /// <remarks>If a time namespace's offset is no whole number of ticks, its start times can be one tick later than in other namespaces.</remarks>
    internal bool IsSameProcessToATick(ProcessIdentity other) =>
        Pid == other.Pid && (StartTime == other.StartTime || StartTime == other.StartTime + 1 || StartTime + 1 == other.StartTime)
        && (PidfdInode == other.PidfdInode || PidfdInode == 0 || other.PidfdInode == 0);
}
