using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines, without tracing, what keeps the caller from tracing a process.</summary>
internal static class TraceRight
{
    /// <summary>Describes the obstacle, for display; empty if none is known.</summary>
    public static string WhatIsMissing(int pid)
    {
        // No thread has tid 0: any answer other than ESRCH comes from a filter.
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, 0, 0);
        if (errno != Errno.ESRCH)
        {
            return $"ptrace(2) is not permitted at all: {errno}";
        }

        // A process may always query itself: if that is refused too, a filter blocks the query, and nothing is known.
        errno = Kernel.AskToTrace(pid);
        return errno.IsDenied && Kernel.AskToTrace(Environment.ProcessId) != errno
            ? $"the caller may not trace it: {errno}"
            : string.Empty;
    }
}
