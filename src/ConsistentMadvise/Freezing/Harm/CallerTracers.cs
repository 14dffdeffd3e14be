using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds out whether the caller could come to wait for a target, which then must not be frozen: both would stand still for good.</summary>
/// <remarks>
/// A tracer is waited for at every stop that it asked for, and a seccomp supervisor at every call that it answers. Asked before a freezer is made:
/// once frozen, the target can begin neither.
/// </remarks>
internal static class CallerTracers
{
    /// <summary>It bounds a walk that others could make longer while it lasts.</summary>
    private const int MostProcesses = 256;

    [ThreadStatic]
    private static DirectoryNumbers? t_tids;

    [ThreadStatic]
    private static List<int>? t_waiting;

    /// <summary><see cref="TransactionStop.None"/> when the caller, its guard and its ancestors wait for no thread of the target.</summary>
    public static TransactionStop Check(ProcessTarget target)
    {
        List<int> waiting = t_waiting ??= [];
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

    /// <summary>Adds those who trace a process to those who are waited for: a tracer that is traced waits for its own.</summary>
    private static Errno AddTracers(ProcessTarget target, int process, List<int> waiting, out int traced)
    {
        traced = 0;
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        DirectoryNumbers tids = t_tids ??= new DirectoryNumbers(64); // one for all processes and transactions
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

        return ThreadList.IsGone(errno) ? Errno.None : errno; // it has exited, and waits no more
    }
}
