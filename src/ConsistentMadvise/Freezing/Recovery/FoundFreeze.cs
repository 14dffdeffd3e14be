using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Undoes one freeze of a dead engine, if what it froze is still the same.</summary>
internal static class FoundFreeze
{
    public static RecoveredFreeze Thaw(JournalEntry entry, JournalOwner owner)
    {
        Errno errno = entry.Head.Kind == FreezerKind.Cgroup ? ThawGroup(entry, out RecoveryStatus status) : Continue(entry.Head, out status);
        return errno.Ok
            ? new RecoveredFreeze(status, entry, owner.Pid)
            : new RecoveredFreeze(RecoveryStatus.Failed, entry, owner.Pid, $"{(entry.Head.Kind == FreezerKind.Cgroup ? "writing 0 to its cgroup.freeze" : "sending SIGCONT")} failed: {errno}");
    }

    /// <remarks>The pidfd first, then what stands under the pid, then whether the pidfd is still alive: it was one process all along.</remarks>
    private static Errno Continue(JournalEntryHead head, out RecoveryStatus status)
    {
        status = RecoveryStatus.TargetExited;
        Errno errno = Kernel.PidfdOpen(head.Pid, out int descriptor);
        using SafeDescriptor pidfd = new(errno.Ok ? descriptor : -1);
        if (!errno.Ok)
        {
            return errno == Errno.ESRCH ? Errno.None : errno;
        }

        if (!ProcDirectory.Open(head.Pid, out ProcDirectory? directory).Ok || directory is null)
        {
            return Errno.None;
        }

        using (directory)
        {
            if (!directory.ReadStat(out ProcStat stat).Ok || stat.StartTime != head.StartTime || !Kernel.IsReadable(descriptor, out bool ended).Ok || ended)
            {
                return Errno.None;
            }

            // Also to one that runs: it may not have come to its stop yet.
            errno = Kernel.PidfdSendSignal(descriptor, Uapi.SIGCONT);
            status = errno == Errno.ESRCH ? RecoveryStatus.TargetExited : stat.IsStopped ? RecoveryStatus.Thawed : RecoveryStatus.AlreadyRunning;
            return errno == Errno.ESRCH ? Errno.None : errno;
        }
    }

    private static Errno ThawGroup(JournalEntry entry, out RecoveryStatus status)
    {
        status = RecoveryStatus.TargetExited;
        Errno errno = Kernel.OpenDirectory(Encoding.UTF8.GetBytes($"{entry.Path}\0"), out int descriptor);
        using SafeDescriptor group = new(errno.Ok ? descriptor : -1);
        if (!errno.Ok)
        {
            return errno == Errno.ENOENT ? Errno.None : errno;
        }

        errno = Kernel.FileStatus(descriptor, out ulong inode, out _);
        if (!errno.Ok || inode != entry.Head.CgroupInode)
        {
            return errno;
        }

        errno = Kernel.OpenAt(descriptor, "cgroup.freeze\0"u8, Uapi.O_RDWR, out int freeze);
        using SafeDescriptor file = new(errno.Ok ? freeze : -1);
        Span<byte> state = stackalloc byte[8];
        int count = 0;
        errno = errno.Ok ? Kernel.ReadAt(freeze, state, 0, out count) : errno;
        errno = errno.Ok ? Kernel.Write(freeze, "0"u8, out _) : errno;
        if (errno == Errno.ENOENT || errno == Errno.ENODEV)
        {
            return Errno.None; // the group was removed
        }

        status = count > 0 && state[0] == (byte)'1' ? RecoveryStatus.Thawed : RecoveryStatus.AlreadyRunning;
        return errno;
    }
}
