using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds out, without tracing, what keeps the caller from tracing a process.</summary>
internal static class TraceRight
{
    /// <summary>What is in the way, for people; empty where nothing is known to be.</summary>
    public static string WhatIsMissing(int pid)
    {
        // No thread has the number 0: only a filter answers otherwise.
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, 0, 0);
        if (errno != Errno.ESRCH)
        {
            return $"ptrace(2) is refused altogether: {errno}";
        }

        // Of itself a process may always ask: if that is refused too, a filter stands before the question, and nothing is known.
        errno = Kernel.AskToTrace(pid);
        return errno.IsDenied && Kernel.AskToTrace(Environment.ProcessId) != errno
            ? $"the caller may not trace it: {errno}"
            : string.Empty;
    }
}
