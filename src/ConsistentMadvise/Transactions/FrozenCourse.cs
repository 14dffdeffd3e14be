using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="HintConsistency.Frozen"/>: freeze, recheck, advise, look again and thaw, in as many windows as the pause budget asks for.</summary>
internal sealed class FrozenCourse(TransactionState state, IRecheck recheck, SharerWatch sharers, IFreezer freezer, TargetLease lease)
{
    private readonly WindowPriority _priority = new(isWanted: state.Options.MaxPause != Timeout.InfiniteTimeSpan);
    private readonly long _freezeTicks = WindowClock.ToTicks(state.Options.FreezeTimeout);

    /// <summary>Runs the windows. Once it returns or throws, the target is as it was found.</summary>
    public static void Run(TransactionState state, IRecheck recheck, CancellationToken cancellationToken)
    {
        SharerWatch sharers = new(state.Target, state.Options.Sharers, state.Options.Sharers == SharerPolicy.Ignore ? null : UsersReader.Shared);
        long begin = Stopwatch.GetTimestamp();
        do
        {
            Run(state, recheck, sharers, cancellationToken);
        }
        while (sharers.HasFoundAnother && Stopwatch.GetElapsedTime(begin) < Patience(state)); // to be frozen with the others
    }

    private static void Run(TransactionState state, IRecheck recheck, SharerWatch sharers, CancellationToken cancellationToken)
    {
        FreezeResult created = sharers.CreateFreezer(state.Options.ToFreezeRequest(), out IFreezer? freezer);
        state.Stop = TransactionStop.From(created);
        if (freezer is null)
        {
            return;
        }

        state.Freezer = freezer.Kind;
        state.FreezerReason = created.Choice;
        freezer = state.Probe?.Substitute(freezer) ?? freezer;
        using (freezer)
        {
            Errno errno = TargetLease.Open(state.Target, out TargetLease? opened);
            if (opened is null)
            {
                state.Stop = state.Target.HasExited ? TransactionStop.TargetExited : new TransactionStop(HintStatus.Refused, HintReason.NotPermitted, 0, errno);
                return;
            }

            using TargetLease lease = opened;
            FrozenCourse course = new(state, recheck, sharers, freezer, lease);
            if (freezer is ITracingFreezer tracing)
            {
                TransactionThread.Run(() =>
                {
                    course.RunWindows(cancellationToken);
                    return !tracing.MustEndThread;
                });
                tracing.ConfirmRelease();
            }
            else
            {
                course.RunWindows(cancellationToken);
            }
        }

        Learn(state);
    }

    /// <summary>Remembers what freezing and thawing has cost, for the next choice of a freezer.</summary>
    private static void Learn(TransactionState state)
    {
        if (state.Clock.Windows != 0 && state.Stop.Status != HintStatus.FreezeTimedOut && state.Target.Directory.ReadStat(out ProcStat stat).Ok)
        {
            FreezeCosts.Shared.Add(state.Freezer, stat.Threads, (state.Clock.Timings.Freeze + state.Clock.Timings.Thaw) / state.Clock.Windows);
        }
    }

    private void RunWindows(CancellationToken cancellationToken)
    {
        _priority.Rehearse();
        freezer.Rehearse();
        sharers.Rehearse();
        state.Ledger.Rehearse();
        WindowWarmup.Rehearse(recheck);
        lease.TryTake(deadline: 0);
        lease.Release();
        while (!state.IsCancelled(cancellationToken) && !StopIfShared(isFrozen: false))
        {
            RunLeasedWindow();
            if (!state.GoesOn)
            {
                break;
            }

            WindowRest.Take(state.Options.RestBetweenWindows, cancellationToken);
        }
    }

    /// <summary>Waits until no other engine has a window on the target, which runs meanwhile: that counts for the freeze timeout, and not as a pause.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunLeasedWindow()
    {
        state.Probe?.At(TransactionPhase.Freezing);
        long deadline = Deadline(Stopwatch.GetTimestamp());
        if (!lease.TryTake(deadline))
        {
            state.Stop = TransactionStop.From(FreezeResult.HeldByAnotherEngine);
            return;
        }

        try
        {
            if (freezer.TryReserve(deadline))
            {
                RunWindow(deadline);
            }
            else
            {
                state.Stop = TransactionStop.From(FreezeResult.HeldByAnotherEngine);
            }
        }
        finally
        {
            lease.Release();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWindow(long deadline)
    {
        long begin = state.Clock.Begin();
        state.Budget.Begin(begin);
        FreezeResult frozen = freezer.Freeze(deadline);
        state.Clock.Frozen();
        if (frozen.Status != FreezeStatus.Frozen)
        {
            state.Clock.Abandon();
            state.Stop = TransactionStop.From(frozen);
            return;
        }

        try
        {
            _priority.Raise();
            AdviseFrozen();
        }
        finally
        {
            state.Clock.Thawing();
            freezer.Thaw();
            state.Budget.Thawed(state.Clock.Thawed());
            _priority.Restore();
        }

        state.Probe?.At(TransactionPhase.Thawed);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AdviseFrozen()
    {
        state.Probe?.At(TransactionPhase.Frozen);
        if (StopIfShared(isFrozen: true)) // before the recheck: once nobody is left who could write or clone, what it finds stays true
        {
            return;
        }

        state.Ledger.BeginWindow(mayDrop: state.Options.Match == LayoutMatch.Ranges);
        RecheckResult result = recheck.Run();
        state.Remainder.MayDrop = false;
        state.Ledger.SkipDropped();
        state.Budget.Rechecked(state.Clock.Rechecked());
        state.Stop = TransactionStop.From(result);
        if (!state.GoesOn)
        {
            return;
        }

        state.Probe?.At(TransactionPhase.Rechecked);
        ulong bytes = state.Budget.Next(Stopwatch.GetTimestamp(), isFirst: true);
        while (bytes != 0 && state.GoesOn)
        {
            state.AdviseBatch(bytes);
            bytes = state.Budget.Next(Stopwatch.GetTimestamp(), isFirst: false);
        }

        // What no freeze holds may have changed the layout meanwhile: a sharer of the address space, a userfaultfd manager, whoever else can thaw.
        if (state.Stop.Status == HintStatus.TargetExited)
        {
            return;
        }

        if (recheck.HasMoved())
        {
            state.Stop = TransactionStop.Raced;
        }
        else if (!freezer.IsHeld() && !state.Target.HasExited)
        {
            state.Stop = TransactionStop.ThawedByAnother;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool StopIfShared(bool isFrozen)
    {
        int sharer = sharers.FindUnheld(isFrozen);
        if (sharer != 0)
        {
            state.Stop = new TransactionStop(HintStatus.Refused, HintReason.AddressSpaceShared, sharer);
        }

        return sharer != 0;
    }

    private static TimeSpan Patience(TransactionState state) =>
        state.Options.FreezeTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : state.Options.FreezeTimeout;

    private long Deadline(long begin) => _freezeTicks == long.MaxValue ? long.MaxValue : begin + _freezeTicks;
}
