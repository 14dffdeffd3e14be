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
    /// <summary>One second: how long a killed target's threads are waited for; the end of the tracing thread collects what is left.</summary>
    private static readonly long ReapTicks = Stopwatch.Frequency;

    private readonly ProcessTarget _target;
    private readonly ThreadList _threads;
    private int[] _tids;
    private int[] _signals;
    private bool[] _stopped;
    private int _count;
    private int _tracer;

    private PtraceFreezer(ProcessTarget target, ThreadList threads)
    {
        _target = target;
        _threads = threads;
        _tids = new int[threads.Capacity];
        _signals = new int[threads.Capacity];
        _stopped = new bool[threads.Capacity];
    }

    public FreezerKind Kind => FreezerKind.Ptrace;

    public bool MustEndThread { get; private set; }

    public static Errno Create(ProcessTarget target, out PtraceFreezer? freezer)
    {
        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        freezer = threads is null ? null : new PtraceFreezer(target, threads);
        return errno;
    }

    public void Rehearse()
    {
        _threads.Scan();
        _threads.CountAlive();
        Seize([0], out _); // no thread has tid 0
        Backoff.Rehearse();
        _tids[0] = Environment.ProcessId; // nobody waits for itself: ECHILD
        _count = 1;
        AwaitStops(long.MaxValue);
        Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, 0, 0);
        Kernel.Ptrace(Uapi.PTRACE_DETACH, 0, 0);
        IsHeld();
        Freeze(deadline: 0);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public FreezeResult Freeze(long deadline)
    {
        _count = 0;
        _tracer = Kernel.ThreadId();
        FreezeResult result = HoldAll(deadline);
        if (result.Status != FreezeStatus.Frozen)
        {
            Release(patience: 0);
        }

        return result;
    }

    /// <remarks>Nobody but its tracer lets a tracee run, short of killing it.</remarks>
    public bool IsHeld() => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Thaw() => Release(ReapTicks);

    public void ConfirmRelease()
    {
        Backoff backoff = default;
        long deadline = Stopwatch.GetTimestamp() + ReapTicks;
        for (int i = 0; i < _count; i++)
        {
            while (_target.Directory.ReadTracer(_tids[i]) == _tracer)
            {
                if (!backoff.Wait(deadline))
                {
                    throw new TargetMayBeFrozenException(_target.Pid, Kind, $"Thread {_tids[i]} is still traced by {_tracer}; end this process, and the kernel lets the target run.");
                }
            }
        }
    }

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

            if (!Seize(_threads.Tids, out FreezeResult refusal))
            {
                return refusal;
            }

            int late = AwaitStops(deadline);
            if (late != 0)
            {
                return FreezeResult.TimedOut(late);
            }

            // A thread that is not held yet can bear others. When as many are held as live, none is left that could.
            int alive = _threads.CountAlive();
            if (_count == alive)
            {
                return alive == 0 ? FreezeResult.TargetExited : FreezeResult.Frozen;
            }

            if (!backoff.Wait(deadline))
            {
                return FreezeResult.TimedOut(0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Seize(ReadOnlySpan<int> tids, out FreezeResult refusal)
    {
        refusal = default;
        foreach (int tid in tids)
        {
            if (_tids.AsSpan(0, _count).Contains(tid))
            {
                continue;
            }

            Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, tid, 0);
            if (errno.Ok)
            {
                Add(tid);
                Kernel.Ptrace(Uapi.PTRACE_INTERRUPT, tid, 0); // fails only for a thread that ends: the wait finds that out
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

        return true;
    }

    /// <summary>Waits until every seized thread has stopped or ended; returns the first that did neither by the deadline, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AwaitStops(long deadline)
    {
        Backoff backoff = default;
        for (int i = 0; i < _count;)
        {
            if (_stopped[i])
            {
                i++;
                continue;
            }

            Errno errno = Kernel.WaitTracee(_tids[i], out int waited, out int status);
            if (errno == Errno.ECHILD || (waited != 0 && !new WaitStatus(status).IsStopped))
            {
                Remove(i);
            }
            else if (waited != 0)
            {
                // A stop for a signal that came first holds just as well; the signal goes on its way at the detach.
                WaitStatus stop = new(status);
                _signals[i] = stop.PtraceEvent == Uapi.PTRACE_EVENT_STOP ? 0 : stop.StopSignal;
                _stopped[i] = true;
                i++;
            }
            else if (!backoff.Wait(deadline))
            {
                return _tids[i];
            }
        }

        return 0;
    }

    /// <summary>Detaches every thread: those in a group stop stay in it, signals that were held up are delivered.</summary>
    /// <remarks>
    /// <c>ESRCH</c> means: killed, and to be collected by its tracer; or not stopped yet. Who is neither when patience ends is left to the
    /// end of this thread.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Release(long patience)
    {
        int left = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!Detach(_tids[i], _signals[i]))
            {
                _tids[left++] = _tids[i];
            }
        }

        _count = left;
        if (left != 0)
        {
            CollectLate(Stopwatch.GetTimestamp() + patience);
        }
    }

    private void CollectLate(long deadline)
    {
        Backoff backoff = default;
        do
        {
            for (int i = 0; i < _count;)
            {
                Errno errno = Kernel.WaitTracee(_tids[i], out int waited, out int status);
                WaitStatus change = new(status);
                bool isGone = errno == Errno.ECHILD || (waited != 0 && (!change.IsStopped || Detach(_tids[i], change.PtraceEvent == 0 ? change.StopSignal : 0)));
                if (isGone)
                {
                    Remove(i);
                }
                else
                {
                    i++;
                }
            }
        }
        while (_count != 0 && backoff.Wait(deadline));
        MustEndThread = _count != 0;
    }

    private bool Detach(int tid, int signal)
    {
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_DETACH, tid, signal);
        return errno.Ok || (errno == Errno.ESRCH ? false : throw new TargetMayBeFrozenException(
            _target.Pid, Kind, $"PTRACE_DETACH of thread {tid} failed with {errno}; end this process, and the kernel lets the target run."));
    }

    private void Add(int tid)
    {
        if (_count == _tids.Length)
        {
            Array.Resize(ref _tids, _count * 2);
            Array.Resize(ref _signals, _count * 2);
            Array.Resize(ref _stopped, _count * 2);
        }

        _tids[_count] = tid;
        _signals[_count] = 0;
        _stopped[_count++] = false;
    }

    private void Remove(int index)
    {
        _count--;
        _tids[index] = _tids[_count];
        _signals[index] = _signals[_count];
        _stopped[index] = _stopped[_count];
    }

    private bool IsEnding(int tid) => !_target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok || stat.IsZombie;
}
