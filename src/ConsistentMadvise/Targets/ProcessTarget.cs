using System.Diagnostics.CodeAnalysis;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A process whose memory may be hinted, held by descriptors that never come to mean another process.</summary>
/// <remarks>
/// Safe for use by several threads, except <see cref="Dispose"/>. Opening needs the right to read the target's layout
/// (<c>PTRACE_MODE_READ_FSCREDS</c>: same user and dumpable, or <c>CAP_SYS_PTRACE</c>); hinting needs <c>CAP_SYS_NICE</c> besides.
/// Holds three descriptors. Sources: pidfd_open(2), proc(5).
/// </remarks>
public sealed class ProcessTarget : IDisposable
{
    private readonly SafeDescriptor _pidfd;
    private AddressSpace _space;

    private ProcessTarget(ProcessIdentity identity, SafeDescriptor pidfd, ProcDirectory directory, AddressSpace space)
    {
        Identity = identity;
        _pidfd = pidfd;
        Directory = directory;
        _space = space;
    }

    /// <summary>Gets what tells the process from every other that ever has its pid.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Gets the process id in the caller's pid namespace.</summary>
    public int Pid => Identity.Pid;

    /// <summary>Gets whether the process has ended; true for a zombie too.</summary>
    public bool HasExited => !Kernel.IsReadable(Pidfd, out bool ended).Ok || ended;

    internal int Pidfd => _pidfd.Value;

    internal ProcDirectory Directory { get; }

    /// <summary>Held by the transaction that runs on this target.</summary>
    internal Lock Transaction { get; } = new();

    /// <summary>Used under <see cref="Transaction"/>; what it found makes the next search short.</summary>
    internal SharerSearch Sharers => field ??= new SharerSearch(this);

    /// <summary>The address space that the last capture saw; the one at opening before that.</summary>
    internal AddressSpace Space => Volatile.Read(ref _space);

    /// <summary>Opens a process.</summary>
    /// <param name="pid">The process id, above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pid"/> is not above zero.</exception>
    /// <exception cref="TargetException">The process cannot be a target; its <see cref="TargetException.Error"/> says why.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel has no <c>pidfd_open(2)</c> (before Linux 5.3).</exception>
    public static ProcessTarget Open(int pid) =>
        TryOpen(pid, out ProcessTarget? target, out TargetError error) ? target : throw new TargetException(pid, error);

    /// <summary>Opens a process, and tells whether it could.</summary>
    /// <param name="pid">The process id, above zero.</param>
    /// <param name="target">The target.</param>
    /// <param name="error">Why it could not be opened.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pid"/> is not above zero.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel has no <c>pidfd_open(2)</c> (before Linux 5.3).</exception>
    public static bool TryOpen(int pid, [NotNullWhen(true)] out ProcessTarget? target, out TargetError error)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        target = null;
        if (pid == Environment.ProcessId)
        {
            error = TargetError.IsCaller;
            return false;
        }

        // The order is the guarantee: the pidfd, then what /proc shows under the number, then "is the pidfd still alive": if it
        // is, the number meant the same process all along.
        Errno errno = Kernel.PidfdOpen(pid, out int descriptor);
        if (!errno.Ok)
        {
            error = ExplainPidfd(pid, errno);
            return false;
        }

        SafeDescriptor pidfd = new(descriptor);
        error = OpenProc(pid, pidfd, out target);
        if (error != TargetError.None)
        {
            pidfd.Dispose();
        }

        return target is not null;
    }

    /// <summary>Closes the descriptors. Snapshots and plans stay readable.</summary>
    public void Dispose()
    {
        _pidfd.Dispose();
        Directory.Dispose();
        Space.Dispose();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_pidfd.IsClosed, this);

    /// <summary>Holds the address space that the process has now; called when the held one is found dead.</summary>
    internal Errno RenewSpace(AddressSpace dead)
    {
        Errno errno = Directory.OpenFile("maps\0"u8, out int maps);
        if (!errno.Ok)
        {
            return errno;
        }

        AddressSpace fresh = new(maps);
        if (Interlocked.CompareExchange(ref _space, fresh, dead) != dead)
        {
            fresh.Dispose();
        }

        // Not disposed: a plan of the old address space may be in its recheck; its finalizer closes the descriptor.
        return Errno.None;
    }

    private static TargetError OpenProc(int pid, SafeDescriptor pidfd, out ProcessTarget? target)
    {
        target = null;
        Errno errno = ProcDirectory.Open(pid, out ProcDirectory? directory);
        if (directory is null)
        {
            return errno == Errno.EACCES || errno == Errno.EPERM ? TargetError.AccessDenied : TargetError.NotFound;
        }

        TargetError error = Inspect(directory, pid, out ProcStat stat);
        int maps = -1;
        if (error == TargetError.None)
        {
            errno = directory.OpenFile("maps\0"u8, out maps);
            error = errno.Ok ? TargetError.None : errno == Errno.EACCES || errno == Errno.EPERM ? TargetError.AccessDenied : TargetError.NotFound;
        }

        if (error is TargetError.None or TargetError.AccessDenied && Kernel.IsReadable(pidfd.Value, out bool ended).Ok && ended)
        {
            error = TargetError.NotFound;
        }

        if (error != TargetError.None)
        {
            if (maps >= 0)
            {
                Kernel.Close(maps);
            }

            directory.Dispose();
            return error;
        }

        target = new ProcessTarget(new ProcessIdentity(pid, stat.StartTime, PidfdIdentity.Read(pidfd.Value)), pidfd, directory, new AddressSpace(maps));
        return TargetError.None;
    }

    private static TargetError Inspect(ProcDirectory directory, int pid, out ProcStat stat)
    {
        if (!directory.ReadStat(out stat).Ok)
        {
            return TargetError.NotFound;
        }

        return stat switch
        {
            { IsKernelThread: true } => TargetError.KernelThread,
            { IsZombie: true, Threads: > 1 } => MainThread.HasEndedAlone(directory, pid) ? TargetError.MainThreadEnded : TargetError.NotFound,
            { IsZombie: true } => TargetError.Zombie,
            _ => TargetError.None,
        };
    }

    private static TargetError ExplainPidfd(int pid, Errno errno)
    {
        if (errno == Errno.ENOSYS)
        {
            throw new PlatformNotSupportedException("This kernel has no pidfd_open(2); ConsistentMadvise needs Linux 5.10 or later.");
        }

        if (errno == Errno.EMFILE || errno == Errno.ENFILE)
        {
            throw new IOException($"No file descriptor is free for process {pid} ({errno}); raise RLIMIT_NOFILE or dispose targets that are no longer used.");
        }

        // A thread that does not lead its group is EINVAL, and ENOENT since PIDFD_THREAD exists (Linux 6.9).
        return errno == Errno.EINVAL || errno == Errno.ENOENT ? TargetError.NotAProcess : TargetError.NotFound;
    }
}
