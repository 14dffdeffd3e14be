using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Thrown when a process cannot be opened as a target; <see cref="Error"/> says why.</summary>
public sealed class TargetException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="pid">The process id that was asked for.</param>
    /// <param name="error">The reason.</param>
    public TargetException(int pid, TargetError error)
        : this(pid, error, 0)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="pid">The process id that was asked for.</param>
    /// <param name="error">The reason.</param>
    /// <param name="errno">The kernel's error number, 0 when there was none: errno(3).</param>
    public TargetException(int pid, TargetError error, int errno)
        : base($"Process {pid} cannot be a target: {Explain(error, new Errno(errno))}")
    {
        Pid = pid;
        Error = error;
        Errno = errno;
    }

    /// <summary>Gets the process id that was asked for.</summary>
    public int Pid { get; }

    /// <summary>Gets the reason.</summary>
    public TargetError Error { get; }

    /// <summary>Gets the kernel's error number; 0 when there was none: errno(3).</summary>
    public int Errno { get; }

    private static string Explain(TargetError error, Errno errno) => error switch
    {
        TargetError.NotFound => "there is no such process, or it has exited.",
        TargetError.NotAProcess => "the pid is a thread of another process; give the process's pid (Tgid in /proc/PID/status).",
        TargetError.IsCaller => "it is the calling process; a process advises itself with madvise(2).",
        TargetError.KernelThread => "it is a kernel thread and has no address space.",
        TargetError.Zombie => "it has exited and has not been reaped by its parent.",
        TargetError.ThreadGroupLeaderExited => "its thread-group leader has exited while other threads live, and the kernel cannot advise such a process.",
        TargetError.AccessDenied => "its layout may not be read; run as the same user (if the process is dumpable) or with CAP_SYS_PTRACE.",
        TargetError.CouldNotLook => $"it could not be examined ({errno}); {Remedy(errno)}",
        TargetError.ForeignProc => "/proc shows another pid namespace than the caller's; mount a procfs in this namespace (unshare --mount-proc), or run outside the container.",
        TargetError.LayoutOutrunsReader => "it maps memory faster than its layout can be read: the text had more lines than vm.max_map_count allows VMAs; try again when it is idle.",
        _ => error.ToString(),
    };

    private static string Remedy(Errno errno) =>
        errno == Interop.Errno.EMFILE || errno == Interop.Errno.ENFILE ? "raise RLIMIT_NOFILE, or dispose unused targets."
        : errno == Interop.Errno.EPERM ? "a seccomp filter or security module of the caller refuses the call."
        : errno == Interop.Errno.ENOENT || errno == Interop.Errno.ENOTDIR ? "/proc is not mounted, or hides it (hidepid); mount procfs, or run with CAP_SYS_PTRACE."
        : "it may still be running; try again.";
}
