using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Freezes, rechecks, advises, checks again and thaws, in as many windows as the pause budget requires.</summary>
[RunsFrozen]
internal sealed class WindowLoop(TransactionState state, IRecheck recheck, SharerWatch sharers, IFreezer freezer, TargetLock targetLock)
{
    private readonly PauseCheck _pause = new(state, freezer.Kind);
    private readonly WindowPriority _priority = new();
    private readonly bool _isUnbounded = state.Options.MaxPause == Timeout.InfiniteTimeSpan;
    private readonly long _freezeTicks = MonotonicTicks.From(state.Options.FreezeTimeout);
    private int _isEntered;

    /// <summary>Runs windows until the plan is done or must stop. Once it returns or throws, the target is as it was found.</summary>
    public TransactionStop Run(CancellationToken cancellationToken)
    {
        WarmUp();
        _pause.Measure(recheck);
        while (true)
        {
            TransactionStop stop = MayBegin(cancellationToken);
            stop = stop.IsNone ? RunLeasedWindow() : stop;
            if (!stop.IsNone || state.Ledger.IsDone)
            {
                return stop;
            }

            WindowRest.Take(state.Options.RestBetweenWindows, cancellationToken);
        }
    }

    /// <summary>Leaves the window that this loop has entered, if it is over or its thread was given up: the host does not wait for that thread.</summary>
    public void LeaveIf(bool isOver)
    {
        if (isOver && Interlocked.Exchange(ref _isEntered, 0) != 0)
        {
            FrozenWindows.Leave();
        }
    }

    private void WarmUp()
    {
        DirectoryNumbers.WarmUp();
        _priority.WarmUp(isWanted: !_isUnbounded, state.Caller);
        WindowWarmup.WarmUp(freezer);
        sharers.WarmUp();
        state.Ledger.WarmUp();
        state.WarmUpCall();
        WindowWarmup.WarmUp(recheck);
        targetLock.TryTake(deadline: 0);
        targetLock.Release();
    }

    private TransactionStop MayBegin(CancellationToken cancellationToken)
    {
        TransactionStop stop = _pause.Check(spent: 0);
        stop = stop.IsNone ? TransactionStop.IfCancelled(cancellationToken) : stop;
        return stop.IsNone ? CheckSharers(isFrozen: false) : stop;
    }

    /// <summary>Waits until no other engine has a window on the target. The target runs during the wait, which counts towards the freeze timeout, and not as a pause.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop RunLeasedWindow()
    {
        state.Probe?.At(TransactionPhase.Freezing);
        Enter(); // before the lock: a host that stops between windows must not stop while it holds the lock
        try
        {
            long deadline = Deadline(Stopwatch.GetTimestamp());
            if (!targetLock.TryTake(deadline))
            {
                return TransactionStop.HeldByAnotherEngine;
            }

            if (!freezer.TryReserve(deadline, out TransactionStop refusal))
            {
                return refusal;
            }

            TransactionStop stop = freezer.Survey();
            if (stop.IsNone)
            {
                return RunWindow(deadline);
            }

            freezer.Thaw(); // releases what was reserved
            return stop;
        }
        finally
        {
            targetLock.Release();
            LeaveIf(isOver: true);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop RunWindow(long deadline)
    {
        long begin = state.Clock.Begin();
        state.Budget.Begin(begin);
        TransactionStop frozen = freezer.Freeze(deadline);
        state.Budget.Frozen(state.Clock.Frozen());
        if (!frozen.IsNone)
        {
            state.Clock.Abandon();
            return frozen;
        }

        TransactionStop stop;
        try
        {
            _priority.Raise();
            stop = AdviseFrozen();
        }
        finally
        {
            state.Clock.Thawing();
            try
            {
                freezer.Thaw();
                state.Budget.Thawed(state.Clock.Thawed());
            }
            finally
            {
                _priority.Restore(); // the thread gets its scheduling class back even if the thaw throws
            }
        }

        state.Probe?.At(TransactionPhase.Thawed);
        return stop;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop AdviseFrozen()
    {
        state.Probe?.At(TransactionPhase.Frozen);
        TransactionStop stop = CheckSharers(isFrozen: true); // before the recheck: once no task is left that could write or clone, its result stays true
        stop = stop.IsNone ? Recheck() : stop;
        if (!stop.IsNone || state.Ledger.IsDone)
        {
            return stop;
        }

        stop = _pause.Check(state.Clock.LastPause);
        if (!stop.IsNone)
        {
            return stop;
        }

        state.Probe?.At(TransactionPhase.Rechecked);
        stop = AdviseRechecked(out bool isHinted);

        // What no freeze stops may have changed the layout since: a sharer of the address space, a userfaultfd manager, any process that can thaw.
        // While a call is pending nothing can be guaranteed, and a check may wait for a lock that the call holds.
        if (!isHinted || stop.Status == HintStatus.TargetExited || state.Ledger.IsPending)
        {
            return stop;
        }

        TransactionStop after = recheck.LookAgain().StopAfterHints;
        after = after.IsNone ? LookAtFreeze() : after;
        return after.IsNone ? stop : after;
    }

    /// <remarks>A changed VMA is dropped if part of the plan was advised already; before that, it makes the plan stale.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop Recheck()
    {
        state.Ledger.BeginWindow();
        RecheckResult result = recheck.Run(mayDrop: state.Options.Match == LayoutMatch.Ranges && state.Ledger.IsTouched);
        state.Ledger.SkipDropped();
        state.Budget.Rechecked(state.Clock.Rechecked());
        return result.StopBeforeHints;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop AdviseRechecked(out bool isHinted)
    {
        isHinted = false;
        TransactionStop stop = TransactionStop.None;
        ulong bytes = state.Budget.Next(Stopwatch.GetTimestamp(), isFirst: true);
        while (bytes != 0 && stop.IsNone && !state.Ledger.IsDone)
        {
            if (freezer.IsPastLimit)
            {
                return TransactionStop.PauseLimitReached;
            }

            isHinted = true;
            stop = state.AdviseBatch(_isUnbounded ? RenewLimit(bytes) : bytes);
            bytes = state.Budget.Next(Stopwatch.GetTimestamp(), isFirst: false);
        }

        return stop;
    }

    /// <summary>Renews the limit of a pause without a bound: it ends only if the caller shows no progress, so a call must not take long. A limit that was set explicitly is not renewed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong RenewLimit(ulong bytes)
    {
        const ulong MostPerCall = 256UL << 20;
        if (!state.Options.HasPauseLimit)
        {
            freezer.Renew();
        }

        return Math.Min(bytes, MostPerCall);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop LookAtFreeze()
    {
        Errno errno = freezer.IsHeld(out bool isHeld);
        return freezer.HasFired ? TransactionStop.ThawedAtThePauseLimit
            : (errno.Ok && isHeld) || state.Target.HasExited ? TransactionStop.None
            : errno.Ok ? TransactionStop.ThawedByAnother
            : TransactionStop.Unconfirmed(errno);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop CheckSharers(bool isFrozen)
    {
        Errno errno = sharers.FindUnheld(isFrozen, out int sharer);
        return !errno.Ok ? TransactionStop.CouldNotLook(errno)
            : sharer != 0 ? new TransactionStop(HintStatus.Refused, HintReason.AddressSpaceShared, sharer)
            : TransactionStop.None;
    }

    private void Enter()
    {
        FrozenWindows.Enter();
        Volatile.Write(ref _isEntered, 1);
    }

    private long Deadline(long begin) => _freezeTicks == long.MaxValue ? long.MaxValue : begin + _freezeTicks;
}
