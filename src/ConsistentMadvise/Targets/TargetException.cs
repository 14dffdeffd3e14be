namespace ConsistentMadvise;

/// <summary>Thrown when a process cannot be opened as a target; <see cref="Error"/> says why.</summary>
public sealed class TargetException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="pid">The process id that was asked for.</param>
    /// <param name="error">The reason.</param>
    public TargetException(int pid, TargetError error)
        : base($"Process {pid} cannot be a target: {Explain(error)}")
    {
        Pid = pid;
        Error = error;
    }

    /// <summary>Gets the process id that was asked for.</summary>
    public int Pid { get; }

    /// <summary>Gets the reason.</summary>
    public TargetError Error { get; }

    private static string Explain(TargetError error) => error switch
    {
        TargetError.NotFound => "there is no such process (any more).",
        TargetError.NotAProcess => "the number is a thread of another process; name the process (Tgid in /proc/PID/status).",
        TargetError.IsCaller => "it is the calling process; a process advises itself with madvise(2).",
        TargetError.KernelThread => "it is a kernel thread and has no address space.",
        TargetError.Zombie => "it has ended and waits to be collected by its parent.",
        TargetError.MainThreadEnded => "its main thread has ended while others live, and the kernel cannot advise such a process.",
        TargetError.AccessDenied => "its layout may not be read; run as the same user (if the process is dumpable) or with CAP_SYS_PTRACE.",
        _ => error.ToString(),
    };
}
