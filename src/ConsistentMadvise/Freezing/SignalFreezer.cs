using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes with <c>SIGSTOP</c> to every thread, and thaws with <c>SIGCONT</c>.</summary>
/// <remarks>
/// Sent to each thread and not once to the process: with many busy threads the kernel would first have to run the one it chose. The target's
/// parent is told of the stop (<c>SIGCHLD</c>, <c>CLD_STOPPED</c>), and anyone's <c>SIGCONT</c> lets the target run: signal(7). A target that
/// was stopped already is left stopped.
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
        _threads.Scan();
        _threads.StateOf(Target.Pid);
        _threads.CountAlive();
        SendToAll(0, long.MaxValue); // signal 0 only asks whether it could be sent
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

    /// <remarks>
    /// A thread that was stopped stays so unless somebody continues them all, so that each is looked at until it has stopped and not again. A
    /// thread born while its group stops joins the stop: the signal is sent once. Whoever is found stopped while others still run is being
    /// stopped by another, whose stop is awaited and left.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override FreezeResult HoldAll(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return FreezeResult.TimedOut(0);
        }

        if (!IsUntraced(out FreezeResult refusal))
        {
            return refusal;
        }

        Backoff backoff = default;
        int at = 0;
        bool isAnyStopped = false;
        Errno errno = _threads.Scan();
        while (errno.Ok)
        {
            char state = 'X';
            int before = at;
            while (at < _threads.Count && Stopwatch.GetTimestamp() < deadline && (state = _threads.StateOf(_threads.Tids[at])) is 'T' or 't' or 'Z' or 'X')
            {
                isAnyStopped |= state is 'T' or 't';
                at++;
            }

            if (at == _threads.Count && _threads.CountAlive() == at)
            {
                return isAnyStopped ? FreezeResult.Frozen : FreezeResult.TargetExited;
            }

            if (!IsOurs && !isAnyStopped && Stopwatch.GetTimestamp() < deadline)
            {
                FreezeResult sent = Send(deadline);
                if (sent.Status != FreezeStatus.Frozen)
                {
                    return sent;
                }

                continue;
            }

            backoff = at == before ? backoff : default;
            if (!backoff.Wait(deadline))
            {
                return FreezeResult.TimedOut(at < _threads.Count ? _threads.Tids[at] : 0);
            }

            // A thread that the listing missed shows in the count of all. Of another's stop nothing is certain until all have stopped.
            if (at == _threads.Count || !IsOurs)
            {
                at = 0;
                isAnyStopped = false;
                errno = _threads.Scan();
            }
        }

        return FreezeResult.TargetExited;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private FreezeResult Send(long deadline)
    {
        if (!Claim())
        {
            return FreezeResult.Refused(HintReason.GuardNotAvailable);
        }

        Errno errno = SendToAll(Uapi.SIGSTOP, deadline);
        return errno.Ok ? FreezeResult.Frozen : FreezeResult.Refused(HintReason.FreezeNotPermitted, Target.Pid, errno);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno SendToAll(int signal, long deadline)
    {
        Errno refused = Errno.None;
        for (int i = 0; i < _threads.Count && Stopwatch.GetTimestamp() < deadline; i++)
        {
            Errno errno = Kernel.ThreadKill(Target.Pid, _threads.Tids[i], signal);
            refused = errno.Ok || errno == Errno.ESRCH ? refused : errno;
        }

        return refused;
    }
}
