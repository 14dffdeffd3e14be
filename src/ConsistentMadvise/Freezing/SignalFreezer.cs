using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes with <c>SIGSTOP</c> to every thread, and thaws with <c>SIGCONT</c>.</summary>
/// <remarks>
/// Sent to each thread and not once to the process: with many busy threads the kernel would first have to run the one it chose. The target's
/// parent is told of the stop (<c>SIGCHLD</c>, <c>CLD_STOPPED</c>), and anyone's <c>SIGCONT</c> lets the target run: signal(7). A target that
/// was stopped already is left stopped. Stays stopped when the caller dies.
/// </remarks>
internal sealed class SignalFreezer : IFreezer
{
    private readonly ProcessTarget _target;
    private readonly ThreadList _threads;
    private bool _isOurs;

    private SignalFreezer(ProcessTarget target, ThreadList threads)
    {
        _target = target;
        _threads = threads;
    }

    public FreezerKind Kind => FreezerKind.Signal;

    public static Errno Create(ProcessTarget target, out SignalFreezer? freezer)
    {
        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        freezer = threads is null ? null : new SignalFreezer(target, threads);
        return errno;
    }

    public void Rehearse()
    {
        CountStopped(out _, out _);
        SendToAll(0); // signal 0 only asks whether it could be sent
        Backoff.Rehearse();
        _target.Directory.ReadTracer(_target.Pid);
        Kernel.PidfdSendSignal(_target.Pidfd, 0);
        Freeze(deadline: 0);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public FreezeResult Freeze(long deadline)
    {
        _isOurs = false;
        int tracer = _target.Directory.ReadTracer(_target.Pid);
        if (tracer != 0)
        {
            return FreezeResult.Refused(HintReason.TracedByAnother, tracer);
        }

        FreezeResult result = StopAll(deadline);
        if (result.Status != FreezeStatus.Frozen)
        {
            Thaw();
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Thaw()
    {
        if (!_isOurs)
        {
            return;
        }

        Errno errno = Kernel.PidfdSendSignal(_target.Pidfd, Uapi.SIGCONT);
        if (!errno.Ok && errno != Errno.ESRCH)
        {
            throw new TargetMayBeFrozenException(_target.Pid, Kind, $"SIGCONT failed with {errno}; send it as a user who may: kill -CONT {_target.Pid}.");
        }

        _isOurs = false;
    }

    public void Dispose() => _threads.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FreezeResult StopAll(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return FreezeResult.TimedOut(0);
        }

        Backoff backoff = default;
        while (true)
        {
            if (!CountStopped(out int alive, out int running))
            {
                return FreezeResult.TargetExited;
            }

            if (alive == 0 || running == 0)
            {
                return alive == 0 ? FreezeResult.TargetExited : FreezeResult.Frozen;
            }

            // Once is enough: a thread born while its group stops joins the stop.
            if (!_isOurs)
            {
                _isOurs = true;
                Errno errno = SendToAll(Uapi.SIGSTOP);
                if (!errno.Ok)
                {
                    return FreezeResult.Refused(HintReason.FreezeNotPermitted, _target.Pid, errno);
                }
            }

            if (!backoff.Wait(deadline))
            {
                return FreezeResult.TimedOut(FirstRunning());
            }
        }
    }

    /// <summary>Lists the threads and counts those that run. False when the process is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool CountStopped(out int alive, out int running)
    {
        alive = 0;
        running = 0;
        if (!_threads.Scan().Ok)
        {
            return false;
        }

        int stopped = 0;
        foreach (int tid in _threads.Tids)
        {
            if (_target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok && !stat.IsZombie)
            {
                alive++;
                stopped += stat.IsStopped ? 1 : 0;
            }
        }

        // A thread that the listing missed shows in the count of all.
        running = Math.Max(alive - stopped, _threads.CountAlive() - _threads.Count);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno SendToAll(int signal)
    {
        Errno refused = Errno.None;
        foreach (int tid in _threads.Tids)
        {
            Errno errno = Kernel.ThreadKill(_target.Pid, tid, signal);
            refused = errno.Ok || errno == Errno.ESRCH ? refused : errno;
        }

        return refused;
    }

    private int FirstRunning()
    {
        foreach (int tid in _threads.Tids)
        {
            if (_target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok && !stat.IsStopped && !stat.IsZombie)
            {
                return tid;
            }
        }

        return 0;
    }
}
