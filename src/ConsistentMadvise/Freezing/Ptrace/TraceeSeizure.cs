using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Seizes threads and interrupts them.</summary>
internal sealed class TraceeSeizure(ProcessTarget target, ThreadList threads, TraceeTable tracees, SeizeWatch watch)
{
    /// <summary>Seizes every thread of the list that is no tracee yet, then interrupts the new tracees.</summary>
    /// <returns><see cref="TransactionStop.None"/> on success; the tracees have not stopped yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Run(ReadOnlySpan<int> tids, long deadline)
    {
        int before = tracees.Count;
        TransactionStop result = tracees.CountStopped == 0 ? TransactionStop.None : LookAtNew(tids);
        for (int i = 0; result.IsNone && i < tids.Length; i++)
        {
            result = tracees.Contains(tids[i]) ? result : Seize(tids[i], deadline);
        }

        for (int i = before; result.IsNone && i < tracees.Count; i++)
        {
            Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, tracees[i], 0); // fails only for a thread that exits: the wait detects that
        }

        return result;
    }

    /// <summary>Runs the code without an effect: no thread has tid 0.</summary>
    public void WarmUp()
    {
        Run([0], deadline: long.MaxValue);
        LookAtNew([0]);
        Explain(0, Errno.ESRCH);
        Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, 0, 0);
    }

    /// <remarks>Runs while threads are held: if one that is not held calls execve(2), the next <c>PTRACE_SEIZE</c> blocks, and the held threads wait for it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop LookAtNew(ReadOnlySpan<int> tids)
    {
        foreach (int tid in tids)
        {
            if (!tracees.Contains(tid) && threads.ReadCall(tid, out BlockedCall call).Ok && call.ExecutesProgram)
            {
                return TransactionStop.Executing(tid);
            }
        }

        return TransactionStop.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop Seize(int tid, long deadline)
    {
        long now = Stopwatch.GetTimestamp();
        if (now >= TraceeRelease.LatestBegin(deadline, tracees.Count))
        {
            return TransactionStop.TimedOut(tid);
        }

        Errno errno = Call(tid, now, deadline);
        if (errno == Errno.EPERM && tid == target.Pid)
        {
            // The call looks up the thread first, then waits for the cred_guard_mutex of an exec. By then the leader that it found has exited, and another thread has its tid.
            errno = Call(tid, Stopwatch.GetTimestamp(), deadline);
        }

        if (errno.Ok)
        {
            tracees.Add(tid);
        }

        return watch.HasReaped ? TransactionStop.Executing(tid)
            : errno.Ok || tid == 0 ? TransactionStop.None
            : Explain(tid, errno);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno Call(int tid, long now, long deadline)
    {
        watch.Enter(now, deadline);
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, tid, 0);
        watch.Leave();
        return errno;
    }

    /// <summary>Determines whether a thread that could not be seized keeps the target from being frozen. An exiting thread does not: it will be reaped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop Explain(int tid, Errno seize)
    {
        Errno errno = target.Directory.ReadThreadStat(tid, out ProcStat stat);
        bool isEnding = seize == Errno.ESRCH || ThreadList.IsGone(errno) || (errno.Ok && stat.IsZombie);
        if (!isEnding)
        {
            return !errno.Ok ? TransactionStop.Unreadable(target, errno)
                : target.Directory.ReadTracer(tid, out int tracer).Ok && tracer != 0 ? TransactionStop.Refused(HintReason.TracedByAnother, tracer, seize)
                : TransactionStop.Refused(HintReason.FreezeNotPermitted, tid, seize);
        }

        bool hasEndedAlone = false;
        errno = tid == target.Pid ? ThreadGroupLeader.HasExitedAlone(target.Directory, tid, out hasEndedAlone) : Errno.None;
        return !errno.Ok ? TransactionStop.Unreadable(target, errno)
            : hasEndedAlone ? TransactionStop.Refused(HintReason.ThreadGroupLeaderExited, tid, seize)
            : TransactionStop.None;
    }
}
