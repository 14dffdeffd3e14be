namespace ConsistentMadvise;

/// <summary>Why a process cannot be opened as a target.</summary>
public enum TargetError
{
    /// <summary>It could be opened.</summary>
    None = 0,

    /// <summary>No process has this pid, or it ended while it was being opened.</summary>
    NotFound,

    /// <summary>The number is a thread of another process; open the process.</summary>
    NotAProcess,

    /// <summary>It is the calling process: freezing itself would never end; use <c>madvise(2)</c>.</summary>
    IsCaller,

    /// <summary>It is a kernel thread and has no address space.</summary>
    KernelThread,

    /// <summary>It has ended and waits for its parent to collect it.</summary>
    Zombie,

    /// <summary>Its main thread has ended while others live: the kernel finds no address space by its pidfd (<c>ESRCH</c>).</summary>
    MainThreadEnded,

    /// <summary>The caller may not read its layout: same user and dumpable, or <c>CAP_SYS_PTRACE</c> (ptrace(2), PTRACE_MODE_READ_FSCREDS).</summary>
    AccessDenied,
}
