using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds a process that was written down earlier, in this pid namespace.</summary>
/// <remarks>
/// That it has exited is believed of the kernel alone: no process has the pid, the pidfd is another's, or it is readable. What could not be looked at
/// (no descriptor left, a seccomp filter, hidepid, no procfs) says nothing about it.
/// </remarks>
internal static class FoundProcess
{
    /// <summary>Opens a pidfd of the process; null when it has exited. The order is the guarantee: the pidfd first, then what stands under the pid.</summary>
    /// <param name="process">The process as it was written down.</param>
    /// <param name="isSameBoot">Whether that was certainly in this boot: then the inode number of a pidfd decides alone.</param>
    /// <param name="found">The pidfd.</param>
    /// <param name="stat">Its stat; the default where it could not be read and need not be.</param>
    public static Errno Open(ProcessIdentity process, bool isSameBoot, out SafeDescriptor? found, out ProcStat stat)
    {
        found = null;
        stat = default;
        Errno errno = Kernel.PidfdOpen(process.Pid, out SafeDescriptor pidfd);
        bool isSame = false;
        if (errno.Ok)
        {
            errno = Compare(process, isSameBoot, pidfd, out isSame, out stat);
        }
        else if (errno == Errno.ESRCH || errno == Errno.EINVAL || errno == Errno.ENOENT)
        {
            errno = Errno.None; // the last two: the number is a thread's now
        }

        if (errno.Ok && isSame)
        {
            found = pidfd;
        }
        else
        {
            pidfd.Dispose();
        }

        return errno;
    }

    private static Errno Compare(ProcessIdentity process, bool isSameBoot, SafeDescriptor pidfd, out bool isSame, out ProcStat stat)
    {
        stat = default;
        isSame = false;
        ulong inode = PidfdIdentity.Read(pidfd);
        bool isKnown = inode != 0 && process.PidfdInode != 0;
        if (isKnown && inode != process.PidfdInode)
        {
            return Errno.None;
        }

        Errno looked = ReadStat(process.Pid, pidfd, out stat);
        Errno errno = Kernel.IsReadable(pidfd, out bool hasExited); // asked last: of a process that has exited nothing else counts
        if (!errno.Ok || hasExited)
        {
            return errno;
        }

        isSame = (isKnown && isSameBoot) || (looked.Ok && process.IsSameProcessToATick(new ProcessIdentity(process.Pid, stat.StartTime, inode)));

        // Two start times of one process differ where one of them was read in a time namespace whose offset is hidden.
        return isSame ? Errno.None : looked.Ok ? TimeNamespace.ReadOffset(out _) : looked;
    }

    private static Errno ReadStat(int pid, SafeDescriptor pidfd, out ProcStat stat)
    {
        stat = default;
        Errno errno = ProcNamespace.IsSame(pidfd, pid, out bool isSame);
        return !errno.Ok ? errno : isSame ? ProcFile.ReadStat(pid, out stat) : Errno.ENOENT;
    }
}
