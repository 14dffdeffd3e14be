namespace ConsistentMadvise;

/// <summary>What tells one process from every other that ever has the same pid.</summary>
/// <param name="Pid">The process id in the caller's pid namespace.</param>
/// <param name="StartTime">Start time in clock ticks since boot: field 22 of <c>/proc/PID/stat</c> (proc_pid_stat(5)).</param>
/// <param name="PidfdInode">The inode number of the process's pidfd: unique until the next boot since Linux 6.9 (pidfs), 0 before.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime, ulong PidfdInode)
{
    /// <summary>Tells whether the other identity may be of the same process: equal, as far as both know.</summary>
    /// <param name="other">The other identity.</param>
    /// <remarks>An inode of 0 is unknown and equals any.</remarks>
    public bool IsSameProcess(ProcessIdentity other) =>
        Pid == other.Pid && StartTime == other.StartTime
        && (PidfdInode == other.PidfdInode || PidfdInode == 0 || other.PidfdInode == 0);
}
