using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;
using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise;

/// <summary>A process whose memory may be hinted, held by descriptors that never refer to another process.</summary>
/// <remarks>
/// Safe for use by several threads. Disposing it refuses new uses; the descriptors are closed after the last running transaction. Opening needs the right to read the target's layout
/// (<c>PTRACE_MODE_READ_FSCREDS</c>: same user and dumpable, or <c>CAP_SYS_PTRACE</c>); hinting needs <c>CAP_SYS_NICE</c> too.
/// Holds three descriptors. Sources: pidfd_open(2), proc(5).
/// </remarks>
public sealed class ProcessTarget : IDisposable
{
    private readonly SafeDescriptor _pidfd;
    private AddressSpace _space;

    /// <summary>Counts the owner, until it disposes the target, and each use.</summary>
    private int _users = 1;
    private int _isDisposed;

    internal ProcessTarget(ProcessIdentity identity, SafeDescriptor pidfd, ProcDirectory directory, AddressSpace space)
    {
        Identity = identity;
        _pidfd = pidfd;
        Directory = directory;
        _space = space;
    }

    /// <summary>Gets what distinguishes the process from every other that ever has its pid.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Gets the process id in the caller's pid namespace.</summary>
    public int Pid => Identity.Pid;

    /// <summary>Gets whether the process has exited; true for a zombie too. False if the kernel could not be asked: an error on the caller's side says nothing about the target.</summary>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public bool HasExited => Kernel.IsReadable(_pidfd, out bool hasExited).Ok && hasExited;

    internal SafeDescriptor Pidfd => _pidfd;

    internal ProcDirectory Directory { get; }

    /// <summary>Held by the transaction that runs on this target.</summary>
    internal Lock Transaction { get; } = new();

    /// <summary>Used under <see cref="Transaction"/>; keeps its findings, so that the next search is short.</summary>
    internal SharerSearch Sharers => field ??= new SharerSearch(this);

    /// <summary>The address space of the last capture; before the first, the one at opening.</summary>
    internal AddressSpace Space => Volatile.Read(ref _space);

    /// <summary>Opens a process.</summary>
    /// <param name="pid">The process id, above zero.</param>
    /// <example>
    /// <code>
    /// using ProcessTarget target = ProcessTarget.Open(pid);
    /// HintPlan plan = HintPlan.Create(target.CaptureLayout(), Advice.Cold, VmaFilter.Default);
    /// HintOutcome outcome = target.Apply(plan);
    /// </code>
    /// </example>
    /// <seealso cref="LayoutCapture"/>
    /// <seealso cref="TargetTransactions"/>
    /// <seealso cref="HintEngine"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pid"/> is not above zero.</exception>
    /// <exception cref="TargetException">The process cannot be a target; its <see cref="TargetException.Error"/> says why.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel has no <c>pidfd_open(2)</c> (before Linux 5.3).</exception>
    public static ProcessTarget Open(int pid) =>
        TryOpen(pid, out ProcessTarget? target, out TargetError error, out Errno errno) ? target : throw new TargetException(pid, error, errno.Value);

    /// <summary>Opens the process of a pidfd, for a caller that already has one: from <c>clone3(2)</c>, <c>SO_PEERPIDFD</c>, or a service manager.</summary>
    /// <param name="pidfd">The pidfd. It is duplicated: the caller may close it at once.</param>
    /// <exception cref="ArgumentException">The descriptor is no pidfd.</exception>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    /// <exception cref="TargetException">The process cannot be a target; its <see cref="TargetException.Error"/> says why.</exception>
    public static ProcessTarget Open(SafeHandle pidfd)
    {
        ArgumentNullException.ThrowIfNull(pidfd);
        Errno errno = Kernel.Duplicate(pidfd, out SafeDescriptor duplicate);
        if (!errno.Ok)
        {
            throw new TargetException(0, TargetError.CouldNotLook, errno.Value);
        }

        (TargetError error, errno) = TargetOpening.TryOpen(duplicate, out int pid, out ProcessTarget? target);
        return target ?? throw new TargetException(pid, error, errno.Value);
    }

    /// <summary>Opens a process, and returns whether it could.</summary>
    /// <param name="pid">The process id, above zero.</param>
    /// <param name="target">The target.</param>
    /// <param name="error">Why it could not be opened.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pid"/> is not above zero.</exception>
    /// <exception cref="PlatformNotSupportedException">The kernel has no <c>pidfd_open(2)</c> (before Linux 5.3).</exception>
    public static bool TryOpen(int pid, [NotNullWhen(true)] out ProcessTarget? target, out TargetError error) => TryOpen(pid, out target, out error, out _);

    /// <summary>Opens a file of <c>/proc/PID</c> for reading, relative to the directory that this target holds: it is this process's file even if the pid was reused.</summary>
    /// <param name="name">The path below <c>/proc/PID</c>, as in <c>smaps_rollup</c> or <c>task/42/status</c>.</param>
    /// <exception cref="ArgumentException">The name is empty, begins with a slash, or has <c>..</c> or a zero character in it.</exception>
    /// <exception cref="TargetException">The process has exited, may not be read, or has no such file; <see cref="TargetException.Errno"/> says which.</exception>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public SafeFileHandle OpenProcFile(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name[0] == '/' || name.Contains('\0') || name.Split('/').Contains(".."))
        {
            throw new ArgumentException($"'{name}' is not a path below /proc/PID: write it without a leading slash and without '..', as in smaps_rollup.", nameof(name));
        }

        using TargetUse use = Use();
        Errno errno = Directory.OpenFile(Encoding.UTF8.GetBytes(name + '\0'), out SafeFileHandle file);
        return errno.Ok ? file
            : throw new TargetException(Pid, errno == Errno.ESRCH || HasExited ? TargetError.NotFound : errno.IsDenied ? TargetError.AccessDenied : TargetError.CouldNotLook, errno.Value);
    }

    /// <summary>Returns the pid and the start time.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Pid}, started at tick {Identity.StartTime}");

    /// <summary>Closes the descriptors once no transaction uses them. Snapshots and plans stay readable.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            EndUse();
        }
    }

    /// <summary>Opens a process, and returns the error if it could not.</summary>
    internal static bool TryOpen(int pid, [NotNullWhen(true)] out ProcessTarget? target, out TargetError error, out Errno errno)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        (error, errno) = TargetOpening.TryOpen(pid, out target);
        return target is not null;
    }

    /// <summary>Begins a use: the descriptors stay open until it is disposed, even if the target is disposed first.</summary>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    internal TargetUse Use()
    {
        int users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _isDisposed) != 0, this);
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return new TargetUse(this);
            }

            users = seen;
        }
    }

    /// <summary>Begins another use during one, even if the target was disposed since.</summary>
    internal TargetUse UseFurther()
    {
        Interlocked.Increment(ref _users);
        return new TargetUse(this);
    }

    internal void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _pidfd.Dispose();
            Directory.Dispose();
            Space.Dispose();
        }
    }

    /// <summary>Holds the process's current address space; called when the held one is found dead.</summary>
    internal Errno RenewSpace(AddressSpace dead)
    {
        Errno errno = Directory.OpenFile("maps\0"u8, out SafeDescriptor maps);
        if (!errno.Ok)
        {
            return errno;
        }

        AddressSpace fresh = new(maps);
        if (Interlocked.CompareExchange(ref _space, fresh, dead) != dead)
        {
            fresh.Dispose();
        }

        // Not disposed: plans and captures of the old address space pin it only while they run; its finalizer closes the descriptor.
        return Errno.None;
    }
}
