using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Opens a process as a target without a race: first the pidfd, then <c>/proc/PID</c>, then whether the pidfd is still alive.</summary>
/// <remarks>
/// A process is gone if pidfd_open(2) fails with <c>ESRCH</c> or its pidfd is readable. Any other error is on the caller's side, or comes from
/// something in between (a seccomp filter, hidepid, no procfs, no descriptor left), and says nothing about the process.
/// </remarks>
internal static class TargetOpening
{
    public static (TargetError Error, Errno Errno) TryOpen(int pid, out ProcessTarget? target)
    {
        target = null;
        if (pid == Environment.ProcessId)
        {
            return (TargetError.IsCaller, Errno.None);
        }

        Errno errno = Kernel.PidfdOpen(pid, out SafeDescriptor pidfd);
        if (!errno.Ok)
        {
            return ExplainPidfd(errno);
        }

        return TryOpen(pid, pidfd, out target);
    }

    /// <summary>Opens the process of a pidfd, and takes ownership of the pidfd.</summary>
    /// <exception cref="ArgumentException">The descriptor is no pidfd.</exception>
    public static (TargetError Error, Errno Errno) TryOpen(SafeDescriptor pidfd, out int pid, out ProcessTarget? target)
    {
        (pid, target) = (0, null);
        Errno errno = ProcNamespace.ReadPid(pidfd, out int? found);
        if (errno.Ok && found > 0 && found != Environment.ProcessId)
        {
            pid = found.Value;
            return TryOpen(pid, pidfd, out target);
        }

        pidfd.Dispose();
        return !errno.Ok ? (TargetError.CouldNotLook, errno) : found switch
        {
            null => throw new ArgumentException("The descriptor is no pidfd; open one with pidfd_open(2), or clone3(2) with CLONE_PIDFD.", nameof(pidfd)),
            < 0 => (TargetError.NotFound, Errno.None),
            0 => (TargetError.ForeignProc, Errno.None),
            _ => (TargetError.IsCaller, Errno.None),
        };
    }

    private static (TargetError Error, Errno Errno) TryOpen(int pid, SafeDescriptor pidfd, out ProcessTarget? target)
    {
        (TargetError error, Errno errno) = OpenProc(pid, pidfd, out target);
        if (target is null)
        {
            // Checked last: if the process has exited, nothing read before is reliable.
            bool hasExited = error is TargetError.CouldNotLook or TargetError.AccessDenied or TargetError.ForeignProc
                && Kernel.IsReadable(pidfd, out bool isReadable).Ok && isReadable;
            pidfd.Dispose();
            return hasExited ? (TargetError.NotFound, Errno.None) : (error, errno);
        }

        return (TargetError.None, Errno.None);
    }

    private static (TargetError Error, Errno Errno) OpenProc(int pid, SafeDescriptor pidfd, out ProcessTarget? target)
    {
        target = null;
        Errno errno = ProcNamespace.IsOwn(out bool isOwn);
        if (!errno.Ok || !isOwn)
        {
            return errno.Ok ? (TargetError.ForeignProc, Errno.None) : (TargetError.CouldNotLook, errno);
        }

        errno = ProcDirectory.Open(pid, out ProcDirectory? directory);
        if (directory is null)
        {
            return Explain(errno);
        }

        (TargetError error, errno) = Inspect(directory, pid, pidfd, out ProcStat stat);
        if (error != TargetError.None)
        {
            directory.Dispose();
            return (error, errno);
        }

        errno = directory.OpenFile("maps\0"u8, out SafeDescriptor maps);
        if (!errno.Ok)
        {
            directory.Dispose();
            return Explain(errno);
        }

        // The pidfd is still alive: the pid was this process all along.
        errno = Kernel.IsReadable(pidfd, out bool hasExited);
        if (!errno.Ok || hasExited)
        {
            maps.Dispose();
            directory.Dispose();
            return hasExited ? (TargetError.NotFound, Errno.None) : (TargetError.CouldNotLook, errno);
        }

        target = new ProcessTarget(new ProcessIdentity(pid, stat.StartTime, PidfdIdentity.Read(pidfd)), pidfd, directory, new AddressSpace(maps));
        return (TargetError.None, Errno.None);
    }

    private static (TargetError Error, Errno Errno) Inspect(ProcDirectory directory, int pid, SafeDescriptor pidfd, out ProcStat stat)
    {
        Errno errno = directory.ReadStat(out stat);
        if (!errno.Ok)
        {
            return Explain(errno);
        }

        errno = ProcNamespace.IsSame(pidfd, pid, out bool isSame);
        if (!errno.Ok || !isSame)
        {
            return errno.Ok ? (TargetError.ForeignProc, Errno.None) : (TargetError.CouldNotLook, errno);
        }

        bool hasEndedAlone = false;
        errno = stat is { IsZombie: true, Threads: > 1 } ? ThreadGroupLeader.HasExitedAlone(directory, pid, out hasEndedAlone) : Errno.None;
        return !errno.Ok ? (TargetError.CouldNotLook, errno)
            : stat.IsKernelThread ? (TargetError.KernelThread, Errno.None)
            : hasEndedAlone ? (TargetError.ThreadGroupLeaderExited, Errno.None)
            : stat is { IsZombie: true, Threads: > 1 } ? (TargetError.NotFound, Errno.None)
            : stat.IsZombie ? (TargetError.Zombie, Errno.None)
            : (TargetError.None, Errno.None);
    }

    private static (TargetError Error, Errno Errno) Explain(Errno errno) =>
        errno == Errno.EACCES ? (TargetError.AccessDenied, errno) : (TargetError.CouldNotLook, errno);

    private static (TargetError Error, Errno Errno) ExplainPidfd(Errno errno)
    {
        if (errno == Errno.ENOSYS)
        {
            throw new PlatformNotSupportedException("This kernel has no pidfd_open(2); ConsistentMadvise needs Linux 5.10 or later.");
        }

        // A thread that does not lead its group is EINVAL, and ENOENT since PIDFD_THREAD exists (Linux 6.9).
        return errno == Errno.ESRCH ? (TargetError.NotFound, errno)
            : errno == Errno.EINVAL || errno == Errno.ENOENT ? (TargetError.NotAProcess, errno)
            : (TargetError.CouldNotLook, errno);
    }
}
