using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes with <c>SIGSTOP</c> to every thread, and thaws with <c>SIGCONT</c>.</summary>
/// <remarks>
/// Sent to each thread and not once to the process: with many busy threads the kernel would first have to run the one it chose. The target's
/// parent is notified of the stop (<c>SIGCHLD</c>, <c>CLD_STOPPED</c>), and anyone's <c>SIGCONT</c> continues the target: signal(7). A target that
/// was stopped already is left stopped.
/// </remarks>
[RunsFrozen]
internal sealed class SignalFreezer : JournaledFreezer
{
    /// <summary>What a terminal or a program stops processes with; unlike <c>SIGSTOP</c> these can be handled.</summary>
    private static readonly int[] Stops = [Uapi.SIGTSTP, Uapi.SIGTTIN, Uapi.SIGTTOU];

    private SignalFreezer(ProcessTarget target, IFreezeRecord record, ThreadList threads)
        : base(target, record, threads)
    {
    }

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

    public override void WarmUp()
    {
        Threads.Scan();
        SendToAll(0, long.MaxValue); // signal 0 only asks whether it could be sent
        StatusFile.ReadPending(out _);
        Resend(0);
        Kernel.PidfdSendSignal(Target.Pidfd, 0);
        base.WarmUp();
    }

    /// <remarks>Every thread is asked. <c>SIGCONT</c> continues them all, but a tracer any one that it has attached to.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Errno IsHeld(out bool isHeld)
    {
        isHeld = true;
        foreach (int tid in Threads.Tids)
        {
            Errno errno = Threads.LookAt(tid, out ThreadLook look);
            if (!errno.Ok && !ThreadList.IsGone(errno))
            {
                return errno;
            }

            isHeld &= !errno.Ok || look.IsStopped || look.HasExited;
        }

        return Errno.None;
    }

    /// <remarks>
    /// <c>SIGCONT</c> removes each stop signal that waits (signal(7)): a stop that another process asked for meanwhile would be lost. Ours went to the
    /// threads one by one, another's to the process as a whole: it shows among the signals that wait for that. So a <c>SIGSTOP</c> there is left to hold the
    /// target, and of those that can be handled each is sent again. One that comes between the look and <c>SIGCONT</c> is lost.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Release()
    {
        ulong pending = 0;
        if (!IsOurs || (StatusFile.ReadPending(out pending).Ok && IsIn(pending, Uapi.SIGSTOP)))
        {
            return;
        }

        Errno errno = Kernel.PidfdSendSignal(Target.Pidfd, Uapi.SIGCONT);
        if (!errno.Ok && errno != Errno.ESRCH)
        {
            throw new TargetMayBeFrozenException(Target.Pid, Kind, $"SIGCONT failed with {errno}; send it as a user who may: kill -CONT {Target.Pid}.");
        }

        Resend(pending);
    }

    /// <remarks>
    /// A thread that was stopped stays so unless another process continues them all, so that each is looked at until it has stopped and not again. A
    /// thread created while its group stops joins the stop: the signal is sent once, and again only where it was lost (<see cref="StopResend"/>). If some threads are
    /// already stopped while others run, another process is stopping the target; its stop is awaited and left.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override TransactionStop HoldAll(long deadline)
    {
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return TransactionStop.TimedOut(0);
        }

        Backoff backoff = default;
        StopPass pass = default;
        StopResend resend = default;
        Errno errno = Threads.Scan();
        while (errno.Ok)
        {
            int before = pass.At;
            TransactionStop skipped = SkipHeld(ref pass, deadline);
            if (!skipped.IsNone)
            {
                return skipped;
            }

            errno = Threads.CountAlive(out int alive);
            if (!errno.Ok)
            {
                break;
            }

            if (pass.IsComplete(Threads.Count, alive))
            {
                return pass.IsAnyStopped ? TransactionStop.None : TransactionStop.TargetExited;
            }

            bool isLost = IsOurs && resend.IsDue(pass.Held);
            if ((isLost || (!IsOurs && !pass.IsAnyStopped)) && Stopwatch.GetTimestamp() < deadline)
            {
                errno = isLost ? Threads.Scan() : errno;
                pass = isLost ? default : pass;
                TransactionStop sent = Send(deadline);
                if (!sent.IsNone)
                {
                    return sent;
                }

                continue;
            }

            backoff = pass.At == before ? backoff : default;
            if (!backoff.Wait(deadline))
            {
                return TransactionStop.TimedOut(pass.At < Threads.Count ? Threads.Tids[pass.At] : 0);
            }

            // A thread that the listing missed shows in the count of all. Of another's stop nothing is certain until all have stopped.
            if (pass.At == Threads.Count || !IsOurs)
            {
                pass = default;
                errno = Threads.Scan();
            }
        }

        return TransactionStop.Unreadable(Target, errno);
    }

    /// <summary>Passes over threads that will not run: stopped, or exited. One that was reaped is passed too, and does not count as held.</summary>
    /// <returns>Why the target cannot be held; <see cref="TransactionStop.None"/> when nothing speaks against it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop SkipHeld(ref StopPass pass, long deadline)
    {
        while (pass.At < Threads.Count && Stopwatch.GetTimestamp() < deadline)
        {
            Errno errno = Threads.LookAt(Threads.Tids[pass.At], out ThreadLook look);
            bool isGone = ThreadList.IsGone(errno);
            if (!errno.Ok && !isGone)
            {
                return TransactionStop.Unreadable(Target, errno);
            }

            if (look.Tracer != 0)
            {
                return TransactionStop.Refused(HintReason.TracedByAnother, look.Tracer);
            }

            if (!isGone && !look.IsStopped && !look.HasExited)
            {
                break;
            }

            pass.IsAnyStopped |= look.IsStopped;
            pass.IsAnyGone |= isGone;
            pass.Held += isGone ? 0 : 1;
            pass.At++;
        }

        return TransactionStop.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop Send(long deadline)
    {
        if (!Claim())
        {
            return TransactionStop.Refused(HintReason.GuardNotAvailable);
        }

        Errno errno = SendToAll(Uapi.SIGSTOP, deadline);
        return errno.Ok ? TransactionStop.None : TransactionStop.Refused(HintReason.FreezeNotPermitted, Target.Pid, errno);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno SendToAll(int signal, long deadline)
    {
        Errno refused = Errno.None;
        for (int i = 0; i < Threads.Count && Stopwatch.GetTimestamp() < deadline; i++)
        {
            Errno errno = Kernel.ThreadKill(Target.Pid, Threads.Tids[i], signal);
            refused = errno.Ok || errno == Errno.ESRCH ? refused : errno;
        }

        return refused;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Resend(ulong pending)
    {
        foreach (int signal in Stops)
        {
            if (IsIn(pending, signal))
            {
                Kernel.PidfdSendSignal(Target.Pidfd, signal); // fails only for one that has exited: SIGCONT was taken
            }
        }
    }

    private static bool IsIn(ulong signals, int signal) => (signals & (1ul << (signal - 1))) != 0;
}
