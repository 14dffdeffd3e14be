using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes with <c>SIGSTOP</c> to every thread, and thaws with <c>SIGCONT</c>.</summary>
/// <remarks>
/// The signal is sent to each thread, not once to the process: with many busy threads the kernel would first have to run the thread that it chose. The target's
/// parent is notified of the stop (<c>SIGCHLD</c>, <c>CLD_STOPPED</c>), and anyone's <c>SIGCONT</c> continues the target: signal(7). A target that
/// was already stopped is left stopped.
/// </remarks>
[RunsFrozen]
internal sealed class SignalFreezer : JournaledFreezer
{
    /// <summary>The signals with which terminals and programs stop processes; unlike <c>SIGSTOP</c> they can be handled.</summary>
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
        SendToAll(0, long.MaxValue); // signal 0 only checks the permission to send
        StatusFile.ReadPending(out _);
        Resend(0);
        Kernel.PidfdSendSignal(Target.Pidfd, 0);
        base.WarmUp();
    }

    /// <remarks>Every thread is checked: <c>SIGCONT</c> continues all threads, but a tracer can continue any one that it has attached to.</remarks>
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
    /// <c>SIGCONT</c> discards all pending stop signals (signal(7)), so another process's stop request would be lost. Our signals went to the
    /// individual threads; another process's goes to the process as a whole and shows among the shared pending signals. So a pending <c>SIGSTOP</c> there is left to hold the
    /// target, and each pending stop signal that can be handled is sent again. One that arrives between this check and <c>SIGCONT</c> is lost.
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
            throw new TargetMayBeFrozenException(Target.Pid, Kind, $"SIGCONT failed with {errno}; send it as a user with permission: kill -CONT {Target.Pid}.");
        }

        Resend(pending);
    }

    /// <remarks>
    /// A stopped thread stays stopped unless another process continues the whole target, so each thread is checked until it has stopped and not again. A
    /// thread cloned during the group stop joins it: the signal is sent once, and again only if it was lost (<see cref="StopResend"/>). If some threads are
    /// already stopped while others run, another process is stopping the target; wait for that stop and leave it in place.
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

            // A thread that the listing missed shows in the total count. If another process stops the target, nothing is certain until all threads have stopped.
            if (pass.At == Threads.Count || !IsOurs)
            {
                pass = default;
                errno = Threads.Scan();
            }
        }

        return TransactionStop.Unreadable(Target, errno);
    }

    /// <summary>Passes over threads that will not run: stopped or exited ones. A reaped thread is also passed, but does not count as held.</summary>
    /// <returns>Why the target cannot be held; <see cref="TransactionStop.None"/> if nothing prevents it.</returns>
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
                Kernel.PidfdSendSignal(Target.Pidfd, signal); // fails only if the target has exited: SIGCONT succeeded
            }
        }
    }

    private static bool IsIn(ulong signals, int signal) => (signals & (1ul << (signal - 1))) != 0;
}
