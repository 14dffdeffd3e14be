using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines whether the caller could come to wait for a target. Such a target must not be frozen: both would stop for good.</summary>
/// <remarks>
/// A tracee waits for its tracer at every stop that the tracer requested, and a filtered process waits for its seccomp supervisor at every call that the supervisor answers. This is checked before
/// a freezer is created: a frozen target can begin neither.
/// </remarks>
internal static class CallerTracers
{
    /// <summary>Bounds a walk that other processes could prolong.</summary>
    private const int MostProcesses = 256;

    [ThreadStatic]
    private static DirectoryNumbers? s_tids;

    [ThreadStatic]
    private static List<int>? s_waiting;

    /// <summary><see cref="TransactionStop.None"/> if the caller, its guard and its ancestors wait for no thread of the target.</summary>
    public static TransactionStop Check(ProcessTarget target)
    {
        List<int> waiting = s_waiting ??= [];
        waiting.Clear();
        waiting.Add(Environment.ProcessId);
        if (FreezeRecords.Shared.Journal?.Guard?.Identity is { } guard)
        {
            waiting.Add(guard.Pid);
        }

        Errno errno = Ancestry.AddAncestors(waiting);
        for (int i = 0; errno.Ok && i < waiting.Count; i++)
        {
            errno = AddTracers(target, waiting[i], waiting, out int traced);
            if (traced != 0)
            {
                return TransactionStop.Refused(HintReason.TracesCaller, traced);
            }
        }

        bool answers = false;
        errno = errno.Ok ? SeccompListener.MayAnswerCaller(target, out answers) : errno;
        return !errno.Ok ? TransactionStop.Unreadable(target, errno)
            : answers ? TransactionStop.Refused(HintReason.SupervisesCaller, target.Pid)
            : TransactionStop.None;
    }

    /// <summary>Adds the tracers of a process to the processes that are waited for: a traced tracer waits for its own tracer.</summary>
    private static Errno AddTracers(ProcessTarget target, int process, List<int> waiting, out int traced)
    {
        traced = 0;
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        DirectoryNumbers tids = s_tids ??= new DirectoryNumbers(64); // one for all processes and transactions
        Errno errno = tids.Read(ProcFile.Path(path, process, "/task\0"u8));
        foreach (int tid in tids.Numbers)
        {
            int tracer = 0;
            errno = errno.Ok ? ProcFile.ReadTracer(tid, out tracer) : errno;
            if (errno.Ok && tracer != 0)
            {
                if (target.Directory.ReadThreadStat(tracer, out _).Ok)
                {
                    traced = tid;
                    return Errno.None;
                }

                errno = ProcFile.ReadProcess(tracer, out int tracing);
                if (errno.Ok && !waiting.Contains(tracing) && waiting.Count < MostProcesses)
                {
                    waiting.Add(tracing);
                }
            }

            errno = ThreadList.IsGone(errno) ? Errno.None : errno;
        }

        return ThreadList.IsGone(errno) ? Errno.None : errno; // it has exited and no longer waits
    }
}
