using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes by seizing every thread with ptrace(2). The kernel lets the target run when the tracing thread ends, however it ends.</summary>
/// <remarks>
/// Requests must come from the thread that seized. A thread that is seized but cannot stop (uninterruptible sleep) cannot be detached
/// either: then only the end of the tracing thread frees it, which <see cref="MustEndThread"/> asks for. Never EXITKILL.
/// </remarks>
internal sealed class PtraceFreezer : ITracingFreezer
{
    /// <summary>What letting one thread go takes: 11 us (measured for 8 to 512 threads, Linux 6.18).</summary>
    private static readonly long ReleaseTicks = Stopwatch.Frequency / 90_000;

    private readonly ProcessTarget _target;
    private readonly ThreadList _threads;
    private readonly TraceeTable _tracees;
    private readonly TraceeRelease _release;

    private PtraceFreezer(ProcessTarget target, ThreadList threads)
    {
        _target = target;
        _threads = threads;
        _tracees = new TraceeTable(threads.Capacity);
        _release = new TraceeRelease(target, _tracees);
    }

    public FreezerKind Kind => FreezerKind.Ptrace;

    public bool MustEndThread => _release.IsIncomplete;

    public static Errno Create(ProcessTarget target, out PtraceFreezer? freezer)
    {
        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        freezer = threads is null ? null : new PtraceFreezer(target, threads);
        return errno;
    }

    public void Rehearse()
    {
        _release.Begin();
        _threads.Scan();
        _threads.CountAlive();
        Seize([0], deadline: 0, out _); // no thread has tid 0
        Backoff.Rehearse();
        _tracees.Add(Environment.ProcessId); // nobody waits for itself: ECHILD
        AwaitStops(long.MaxValue);
        Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, 0, 0);
        Kernel.Ptrace(Uapi.PTRACE_DETACH, 0, 0);
        IsHeld();
        TryReserve(deadline: 0);
        Freeze(deadline: 0);
        Thaw();
    }

    /// <remarks>The kernel lets a thread have one tracer; engines wait for one another by <see cref="TargetLease"/>.</remarks>
    public bool TryReserve(long deadline) => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public FreezeResult Freeze(long deadline)
    {
        _tracees.Truncate(0);
        FreezeResult result = HoldAll(deadline);
        if (result.Status != FreezeStatus.Frozen)
        {
            _release.Run(patience: 0);
        }

        return result;
    }

    /// <remarks>Nobody but its tracer lets a tracee run, short of killing it.</remarks>
    public bool IsHeld() => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Thaw() => _release.Run(TraceeRelease.ReapTicks);

    public void ConfirmRelease() => _release.Confirm();

    public void Dispose() => _threads.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FreezeResult HoldAll(long deadline)
    {
        Backoff backoff = default;
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return FreezeResult.TimedOut(0);
        }

        while (true)
        {
            if (!_threads.Scan().Ok)
            {
                return FreezeResult.TargetExited;
            }

            if (!Seize(_threads.Tids, deadline, out FreezeResult refusal))
            {
                return refusal;
            }

            int late = AwaitStops(GiveUpAt(deadline));
            if (late != 0)
            {
                return FreezeResult.TimedOut(late);
            }

            // A thread that is not held yet can bear others. When as many are held as live, none is left that could.
            int alive = _threads.CountAlive();
            if (_tracees.Count == alive)
            {
                return alive == 0 ? FreezeResult.TargetExited : FreezeResult.Frozen;
            }

            if (!backoff.Wait(GiveUpAt(deadline)))
            {
                return FreezeResult.TimedOut(0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Seize(ReadOnlySpan<int> tids, long deadline, out FreezeResult refusal)
    {
        refusal = default;
        int before = _tracees.Count;
        foreach (int tid in tids)
        {
            if (_tracees.Contains(tid))
            {
                continue;
            }

            if (tid != 0 && Stopwatch.GetTimestamp() >= GiveUpAt(deadline))
            {
                refusal = FreezeResult.TimedOut(tid);
                return false;
            }

            Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, tid, 0);
            if (errno.Ok)
            {
                _tracees.Add(tid);
            }
            else if (errno != Errno.ESRCH && !IsEnding(tid))
            {
                int tracer = _target.Directory.ReadTracer(tid);
                refusal = tracer != 0
                    ? FreezeResult.Refused(HintReason.TracedByAnother, tracer, errno)
                    : FreezeResult.Refused(HintReason.FreezeNotPermitted, tid, errno);
                return false;
            }
            else if (tid == _target.Pid && MainThread.HasEndedAlone(_target.Directory, tid))
            {
                refusal = FreezeResult.Refused(HintReason.MainThreadEnded, tid, errno);
                return false;
            }
        }

        for (int i = before; i < _tracees.Count; i++)
        {
            Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, _tracees[i], 0); // fails only for a thread that ends: the wait finds that out
        }

        return true;
    }

    /// <summary>Waits until every seized thread has stopped or ended; returns the first that did neither by the deadline, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AwaitStops(long deadline)
    {
        Backoff backoff = default;
        for (int i = 0; i < _tracees.Count;)
        {
            if (_tracees.HasStopped(i))
            {
                i++;
                continue;
            }

            Errno errno = Kernel.WaitTracee(_tracees[i], out int waited, out int status);
            if (errno == Errno.ECHILD || (waited != 0 && !new WaitStatus(status).IsStopped))
            {
                _tracees.Remove(i);
            }
            else if (waited != 0)
            {
                // A stop for a signal that came first holds just as well; the signal goes on its way at the detach.
                WaitStatus stop = new(status);
                _tracees.Stop(i, stop.PtraceEvent == Uapi.PTRACE_EVENT_STOP ? 0 : stop.StopSignal);
                backoff = default;
                i++;
            }
            else if (!backoff.Wait(deadline))
            {
                return _tracees[i];
            }
        }

        return 0;
    }

    /// <summary>When to let go of those who are held by now, so that all run again shortly behind the deadline.</summary>
    private long GiveUpAt(long deadline) => deadline - (_tracees.Count * ReleaseTicks);

    private bool IsEnding(int tid) => !_target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok || stat.IsZombie;
}
