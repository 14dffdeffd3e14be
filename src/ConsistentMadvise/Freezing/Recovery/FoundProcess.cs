using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds a recorded process in this pid namespace.</summary>
/// <remarks>
/// Only the kernel's word counts as proof that it exited: no process has the pid, the pidfd is another process's, or it is readable. A failed check
/// (no descriptor left, a seccomp filter, hidepid, no procfs) proves nothing.
/// </remarks>
internal static class FoundProcess
{
    /// <summary>Opens a pidfd of the process; null if it has exited. The order is the guarantee: first the pidfd, then the files of the pid.</summary>
    /// <param name="process">The process as recorded.</param>
    /// <param name="isSameBoot">Whether it was certainly recorded in this boot: then the inode number of a pidfd alone decides.</param>
    /// <param name="found">The pidfd.</param>
    /// <param name="stat">Its stat; the default if it could not be read and is not needed.</param>
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
            errno = Errno.None; // the last two: the pid is a thread's tid now
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
        Errno errno = Kernel.IsReadable(pidfd, out bool hasExited); // checked last: if the process has exited, nothing else counts
        if (!errno.Ok || hasExited)
        {
            return errno;
        }

        isSame = (isKnown && isSameBoot) || (looked.Ok && process.IsSameProcessToATick(new ProcessIdentity(process.Pid, stat.StartTime, inode)));

        // Two start times of one process differ if one of them was read in a time namespace whose offset is hidden.
        return isSame ? Errno.None : looked.Ok ? TimeNamespace.ReadOffset(out _) : looked;
    }

    private static Errno ReadStat(int pid, SafeDescriptor pidfd, out ProcStat stat)
    {
        stat = default;
        Errno errno = ProcNamespace.IsSame(pidfd, pid, out bool isSame);
        return !errno.Ok ? errno : isSame ? ProcFile.ReadStat(pid, out stat) : Errno.ENOENT;
    }
}
