namespace ConsistentMadvise;

/// <summary>Why a process cannot be opened as a target.</summary>
public enum TargetError
{
    /// <summary>It could be opened.</summary>
    None = 0,

    /// <summary>No process has this pid, or it exited while it was being opened.</summary>
    NotFound,

    /// <summary>The pid is a thread of another process; open the process.</summary>
    NotAProcess,

    /// <summary>It is the calling process: freezing itself would never end; use <c>madvise(2)</c>.</summary>
    IsCaller,

    /// <summary>It is a kernel thread and has no address space.</summary>
    KernelThread,

    /// <summary>It has exited and has not been reaped.</summary>
    Zombie,

    /// <summary>Its thread-group leader has exited while other threads live: the kernel finds no address space by its pidfd (<c>ESRCH</c>).</summary>
    ThreadGroupLeaderExited,

    /// <summary>The caller may not read its layout: same user and dumpable, or <c>CAP_SYS_PTRACE</c> (ptrace(2), PTRACE_MODE_READ_FSCREDS).</summary>
    AccessDenied,

    /// <summary>
    /// The process may be alive; an error on the caller's side prevented the check: no descriptor left (<c>EMFILE</c>), a seccomp filter (<c>EPERM</c>), a <c>/proc</c>
    /// that hides it (<c>ENOENT</c>, hidepid) or is not mounted. <see cref="TargetException.Errno"/> says which.
    /// </summary>
    CouldNotLook,

    /// <summary><c>/proc</c> belongs to another pid namespace than the caller: a pid is one process there and another in system calls (pid_namespaces(7)).</summary>
    ForeignProc,

    /// <summary>It maps memory faster than its layout can be read: the text had more lines than <c>vm.max_map_count</c> allows VMAs.</summary>
    LayoutOutrunsReader,
}
