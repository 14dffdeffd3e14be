using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Undoes one freeze of a dead engine, if the frozen process or group is still the same.</summary>
internal static class FoundFreeze
{
    /// <summary>Thaws it.</summary>
    /// <param name="entry">The entry in the journal.</param>
    /// <param name="owner">The owner of the journal.</param>
    /// <param name="areProcessesGone">Whether the journal's pid namespace is gone, and with it every process that the journal can name.</param>
    public static RecoveredFreeze Thaw(JournalEntry entry, JournalOwner owner, bool areProcessesGone = false)
    {
        RecoveryStatus status = RecoveryStatus.TargetExited;
        string what = "finding it";
        Errno errno = entry.Head.Kind == FreezerKind.Cgroup ? ThawGroup(entry, out status, ref what)
            : areProcessesGone ? Errno.None
            : Continue(entry.Head, owner, out status, ref what);
        return errno.Ok
            ? new RecoveredFreeze(status, entry, owner.Pid)
            : new RecoveredFreeze(RecoveryStatus.Failed, entry, owner.Pid, $"{what} failed: {errno}; remove the cause and run the recovery again");
    }

    /// <summary>Whether the process or group in the entry is frozen now, as far as that can be determined.</summary>
    public static bool IsHeld(JournalEntry entry)
    {
        if (entry.Head.Kind != FreezerKind.Cgroup)
        {
            FoundProcess.Open(entry.Head.Process, isSameBoot: true, out SafeDescriptor? pidfd, out ProcStat stat);
            using (pidfd)
            {
                return pidfd is not null && stat.IsStopped;
            }
        }

        FoundGroup.Open(entry, out SafeDescriptor? group);
        using (group)
        {
            return group is not null && IsSetFrozen(group);
        }
    }

    private static bool IsSetFrozen(SafeDescriptor group)
    {
        Errno errno = Kernel.OpenEntry(group, "cgroup.freeze\0"u8, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            Span<byte> state = stackalloc byte[8];
            return errno.Ok && Kernel.ReadAt(file, state, 0, out int count).Ok && count > 0 && state[0] == (byte)'1';
        }
    }

    private static Errno Continue(JournalEntryHead head, JournalOwner owner, out RecoveryStatus status, ref string what)
    {
        status = RecoveryStatus.TargetExited;
        Errno errno = FoundProcess.Open(head.Process, owner.IsOfSameBoot(JournalOwner.Current), out SafeDescriptor? pidfd, out ProcStat stat);
        if (pidfd is null)
        {
            return errno;
        }

        using (pidfd)
        {
            // Sent even to a running process: its stop may not have taken effect yet.
            what = "sending SIGCONT";
            errno = BorrowedRights.MaySignal(head.Pid);
            errno = errno.Ok ? Kernel.PidfdSendSignal(pidfd, Uapi.SIGCONT) : errno;
            status = errno == Errno.ESRCH ? RecoveryStatus.TargetExited
                : stat.State is '\0' || stat.IsStopped ? RecoveryStatus.Thawed
                : RecoveryStatus.AlreadyRunning;
            return errno == Errno.ESRCH ? Errno.None : errno;
        }
    }

    private static Errno ThawGroup(JournalEntry entry, out RecoveryStatus status, ref string what)
    {
        status = RecoveryStatus.TargetExited;
        Errno errno = FoundGroup.Open(entry, out SafeDescriptor? group);
        if (group is null)
        {
            return errno;
        }

        using (group)
        {
            what = "writing 0 to its cgroup.freeze";
            errno = Kernel.OpenEntry(group, "cgroup.freeze\0"u8, Uapi.O_RDWR, out SafeDescriptor file);
            using (file)
            {
                Span<byte> state = stackalloc byte[8];
                int count = 0;
                errno = errno.Ok && !CgroupV2.IsGroup(file) ? Errno.EPERM : errno;
                errno = errno.Ok ? BorrowedRights.MayWrite(file) : errno;
                errno = errno.Ok ? Kernel.ReadAt(file, state, 0, out count) : errno;
                errno = errno.Ok ? Kernel.Write(file, "0"u8, out _) : errno;
                if (errno == Errno.ENOENT || errno == Errno.ENODEV)
                {
                    return Errno.None; // the group was removed
                }

                status = count > 0 && state[0] == (byte)'1' ? RecoveryStatus.Thawed : RecoveryStatus.AlreadyRunning;
                return errno;
            }
        }
    }
}
