using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes by seizing every thread with ptrace(2). The kernel thaws the target when the tracing thread exits, for whatever reason.</summary>
/// <remarks>
/// Requests must come from the thread that seized. A thread that is seized but cannot stop (uninterruptible sleep) cannot be detached
/// either: only the exit of the tracing thread frees it, which <see cref="MustEndThread"/> requests. EXITKILL is never set.
/// </remarks>
[RunsFrozen]
internal sealed class PtraceFreezer : ITracingFreezer
{
    private readonly ProcessTarget _target;
    private readonly ThreadList _threads;
    private readonly TraceeTable _tracees;
    private readonly SeizeWatch _watch;
    private readonly TraceeSeizure _seizure;
    private readonly TraceeWait _wait;
    private readonly TraceeRelease _release;
    private readonly TracerFile _status;
    private bool _isDisposed;

    private PtraceFreezer(ProcessTarget target, ThreadList threads)
    {
        _target = target;
        _threads = threads;
        _tracees = TraceeTable.Rent(threads.Capacity);
        _watch = new SeizeWatch(_tracees, threads);
        _seizure = new TraceeSeizure(target, threads, _tracees, _watch);
        _wait = new TraceeWait(_tracees);
        _release = new TraceeRelease(target, _tracees);
        _status = new TracerFile(target);
    }

    public FreezerKind Kind => FreezerKind.Ptrace;

    public bool MustEndThread => _release.IsIncomplete;

    public static Errno Create(ProcessTarget target, out PtraceFreezer? freezer)
    {
        Errno errno = ThreadList.Open(target, out ThreadList? threads);
        freezer = threads is null ? null : new PtraceFreezer(target, threads);
        return errno;
    }

    public void WarmUp()
    {
        _release.Begin();
        _threads.Scan();
        _threads.CountAlive(out _);
        _seizure.WarmUp();
        Backoff.WarmUp();
        _wait.WarmUp();
        Kernel.Ptrace(Uapi.PTRACE_DETACH, 0, 0);
        IsHeld(out _);
        _status.MayBeHeld(out _);
        TryReserve(deadline: 0, out _);
        Freeze(deadline: 0);
        Thaw();
    }

    /// <remarks>A thread can have only one tracer; engines wait for one another by <see cref="TargetLock"/>.</remarks>
    public bool TryReserve(long deadline, out TransactionStop refusal)
    {
        refusal = default;
        return true;
    }

    public TransactionStop Survey() => ThreadSurvey.Run(_target, _threads, _status);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Freeze(long deadline)
    {
        _tracees.Truncate(0);
        _watch.Begin();
        TransactionStop result;
        try
        {
            result = HoldAll(deadline);
        }
        catch (TracingGivenUpException)
        {
            _release.Run(patience: 0);
            _tracees.Truncate(0); // this thread exits next, which detaches the others
            throw;
        }

        // A core dump may have begun since the survey; all threads but the one that writes it are exiting then.
        if (result.Status != HintStatus.Refused && deadline != 0 && !_status.MayBeHeld(out TransactionStop refusal) && refusal.Reason == HintReason.DumpingCore)
        {
            result = refusal;
        }

        if (!result.IsNone)
        {
            _release.Run(result.Reason is HintReason.Executing or HintReason.TargetExited ? TraceeRelease.EndingTicks : 0);
        }

        return result;
    }

    /// <remarks>Only its tracer can continue a tracee, short of a kill.</remarks>
    public Errno IsHeld(out bool isHeld)
    {
        isHeld = true;
        return Errno.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Thaw() => _release.Run(TraceeRelease.ReapTicks);

    public bool GivesUp(out int held) => _watch.GivesUp(out held);

    public void ConfirmRelease() => _release.Confirm();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _status.Dispose();
        _threads.Dispose();
        TraceeTable.Return(_tracees);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop HoldAll(long deadline)
    {
        Backoff backoff = default;
        if (Stopwatch.GetTimestamp() >= deadline)
        {
            return TransactionStop.TimedOut(0);
        }

        while (true)
        {
            Errno errno = _threads.Scan();
            if (!errno.Ok)
            {
                return TransactionStop.Unreadable(_target, errno);
            }

            TransactionStop result = _seizure.Run(_threads.Tids, deadline);
            if (result.IsNone)
            {
                result = _wait.Run(TraceeRelease.LatestBegin(deadline, _tracees.Count));
            }

            if (!result.IsNone)
            {
                return result;
            }

            // A thread that is not held yet can clone others. Once the number held equals the number alive, no such thread is left.
            errno = _threads.CountAlive(out int alive);
            if (!errno.Ok)
            {
                return TransactionStop.Unreadable(_target, errno);
            }

            if (_tracees.Count == alive)
            {
                return alive == 0 ? TransactionStop.TargetExited : TransactionStop.None;
            }

            if (!backoff.Wait(TraceeRelease.LatestBegin(deadline, _tracees.Count)))
            {
                return TransactionStop.TimedOut(0);
            }
        }
    }
}
