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
internal sealed class SignalFreezer : OutlivingFreezer
{
    private readonly ThreadList _threads;

    private SignalFreezer(ProcessTarget target, IFreezeRecord record, ThreadList threads)
        : base(target, record) => _threads = threads;

    public override FreezerKind Kind => FreezerKind.Signal;

    public static Errno Create(ProcessTarget target, IFreezeRecord record, out SignalFreezer? freezer)
    {
        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        freezer = threads is null ? null : new SignalFreezer(target, record, threads);
        if (freezer is null)
        {
            record.Dispose();
        }

        return errno;
    }

    public override void Rehearse()
    {
        CountStopped(out _, out _);
        SendToAll(0); // signal 0 only asks whether it could be sent
        Kernel.PidfdSendSignal(Target.Pidfd, 0);
        base.Rehearse();
    }

    /// <remarks>One thread tells for all: <c>SIGCONT</c> lets every one run.</remarks>
    public override bool IsHeld() => Target.Directory.ReadThreadStat(Target.Pid, out ProcStat stat).Ok && stat.IsStopped;

    public override void Dispose()
    {
        base.Dispose();
        _threads.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Release()
    {
        Errno errno = IsOurs ? Kernel.PidfdSendSignal(Target.Pidfd, Uapi.SIGCONT) : Errno.None;
        if (!errno.Ok && errno != Errno.ESRCH)
        {
            throw new TargetMayBeFrozenException(Target.Pid, Kind, $"SIGCONT failed with {errno}; send it as a user who may: kill -CONT {Target.Pid}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override FreezeResult HoldAll(long deadline)
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
            if (!IsOurs)
            {
                if (!Claim())
                {
                    return FreezeResult.Refused(HintReason.GuardNotAvailable);
                }

                Errno errno = SendToAll(Uapi.SIGSTOP);
                if (!errno.Ok)
                {
                    return FreezeResult.Refused(HintReason.FreezeNotPermitted, Target.Pid, errno);
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
            if (Target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok && !stat.IsZombie)
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
            Errno errno = Kernel.ThreadKill(Target.Pid, tid, signal);
            refused = errno.Ok || errno == Errno.ESRCH ? refused : errno;
        }

        return refused;
    }

    private int FirstRunning()
    {
        foreach (int tid in _threads.Tids)
        {
            if (Target.Directory.ReadThreadStat(tid, out ProcStat stat).Ok && !stat.IsStopped && !stat.IsZombie)
            {
                return tid;
            }
        }

        return 0;
    }
}
