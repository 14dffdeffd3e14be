using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One attempt to apply one plan: precheck, then freeze, recheck, advise and thaw, in as many windows as the pause budget asks for.</summary>
internal sealed class HintTransaction
{
    private readonly ProcessTarget _target;
    private readonly HintPlan _plan;
    private readonly HintOptions _options;
    private readonly ITransactionProbe? _probe;
    private readonly HintLedger _ledger;
    private readonly PauseBudget _budget;
    private readonly long _freezeTicks;
    private readonly WindowClock _clock = new();
    private IRecheck? _recheck;
    private IFreezer? _freezer;
    private TransactionStop _stop;

    public HintTransaction(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe = null)
    {
        _target = target;
        _plan = plan;
        _options = options;
        _probe = probe;
        _ledger = new HintLedger(plan);
        _budget = new PauseBudget(options.MaxPause, plan.Advice);
        _freezeTicks = WindowClock.ToTicks(options.FreezeTimeout);
    }

    /// <summary>Runs the transaction. Once it returns or throws, the target is as it was found.</summary>
    public HintOutcome Run(CancellationToken cancellationToken)
    {
        _stop = Open();
        if (!_stop.IsNone || _ledger.IsDone)
        {
            return Close(cancellationToken);
        }

        _probe?.At(TransactionPhase.Opened);
        if (_options.Consistency == HintConsistency.Unchecked)
        {
            _budget.Begin(Stopwatch.GetTimestamp());
            bool goesOn = true;
            while (goesOn && !_ledger.IsDone)
            {
                goesOn = !StopIfCancelled(cancellationToken) && AdviseBatch(ulong.MaxValue);
            }

            return Close(cancellationToken);
        }

        _recheck = Rechecks.Create(_target, _plan, _options);
        if (_recheck is null)
        {
            _stop = _target.HasExited ? TransactionStop.TargetExited : new TransactionStop(HintStatus.Refused, HintReason.SequenceNotAvailable, _target.Pid);
            return Close(cancellationToken);
        }

        _stop = Precheck();
        if (_stop.IsNone)
        {
            _probe?.At(TransactionPhase.Prechecked);
            if (_options.Consistency == HintConsistency.Optimistic)
            {
                AdviseOptimistically(cancellationToken);
            }
            else
            {
                Freeze(cancellationToken);
            }
        }

        return Close(cancellationToken);
    }

    private TransactionStop Open()
    {
        if (!_plan.Token.Process.IsSameProcess(_target.Identity))
        {
            return new TransactionStop(HintStatus.TargetExited, HintReason.PidReused, _target.Pid);
        }

        if (_plan.IsExpiredAt(DateTimeOffset.UtcNow))
        {
            return new TransactionStop(HintStatus.Stale, HintReason.PlanExpired);
        }

        Errno errno = Preflight.Ask(_target, _plan.Advice);
        Preflight.ThrowIfUnsupported(errno, _plan.Advice);
        return errno.Ok ? TransactionStop.None : TransactionStop.FromAdvise(_target, errno);
    }

    /// <remarks>
    /// Twice before it is believed: a read of a running process may miss a line that was there all along. Of a frozen one it cannot.
    /// </remarks>
    private TransactionStop Precheck()
    {
        long begin = Stopwatch.GetTimestamp();
        RecheckResult result = _recheck!.Run();
        if (result is RecheckResult.Changed or RecheckResult.Gone)
        {
            result = _recheck.Run();
        }

        _clock.Prechecked(Stopwatch.GetTimestamp() - begin);
        return TransactionStop.From(result);
    }

    /// <summary>Advises a running target, and looks behind each call whether anything moved since the precheck.</summary>
    private void AdviseOptimistically(CancellationToken cancellationToken)
    {
        if (_plan.Advice == Advice.Collapse)
        {
            _stop = new TransactionStop(HintStatus.Refused, HintReason.CollapseMovesTheSequence);
            return;
        }

        while (!_ledger.IsDone && _stop.IsNone && !cancellationToken.IsCancellationRequested)
        {
            AdviseBatch(BatchCutter.MaxBytes);
            _stop = _stop.IsNone && _recheck!.HasMoved() ? TransactionStop.Raced : _stop;
        }

        if (!_ledger.IsDone && _stop.IsNone)
        {
            _stop = new TransactionStop(HintStatus.Refused, HintReason.Cancelled);
        }
    }

    private void Freeze(CancellationToken cancellationToken)
    {
        FreezeResult created = Freezers.Create(_target, _options.ToFreezeRequest(), out _freezer);
        _stop = TransactionStop.From(created);
        if (_freezer is null)
        {
            return;
        }

        using (_freezer)
        {
            if (_freezer is PtraceFreezer ptrace)
            {
                TransactionThread.Run(() =>
                {
                    RunWindows(cancellationToken);
                    return !ptrace.MustEndThread;
                });
                ptrace.ConfirmRelease();
            }
            else
            {
                RunWindows(cancellationToken);
            }
        }
    }

    private void RunWindows(CancellationToken cancellationToken)
    {
        _freezer!.Rehearse();
        _ledger.Rehearse();
        _recheck!.HasMoved();
        while (!_ledger.IsDone && _stop.IsNone)
        {
            if (!StopIfCancelled(cancellationToken))
            {
                RunWindow();
            }
        }
    }

    private bool StopIfCancelled(CancellationToken cancellationToken)
    {
        bool isCancelled = cancellationToken.IsCancellationRequested;
        if (isCancelled)
        {
            _stop = new TransactionStop(HintStatus.Refused, HintReason.Cancelled);
        }

        return isCancelled;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWindow()
    {
        _probe?.At(TransactionPhase.Freezing);
        long begin = _clock.Begin();
        _budget.Begin(begin);
        FreezeResult frozen = _freezer!.Freeze(Deadline(begin));
        _clock.Frozen();
        if (frozen.Status != FreezeStatus.Frozen)
        {
            _clock.Abandon();
            _stop = TransactionStop.From(frozen);
            return;
        }

        try
        {
            AdviseFrozen();
        }
        finally
        {
            _clock.Thawing();
            _freezer.Thaw();
            _budget.Thawed(_clock.Thawed());
        }

        _probe?.At(TransactionPhase.Thawed);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AdviseFrozen()
    {
        _probe?.At(TransactionPhase.Frozen);
        RecheckResult result = _recheck!.Run();
        _clock.Rechecked();
        _stop = TransactionStop.From(result);
        if (!_stop.IsNone)
        {
            return;
        }

        _probe?.At(TransactionPhase.Rechecked);
        ulong bytes = _budget.Next(Stopwatch.GetTimestamp(), isFirst: true);
        while (bytes != 0 && !_ledger.IsDone && AdviseBatch(bytes))
        {
            bytes = _budget.Next(Stopwatch.GetTimestamp(), isFirst: false);
        }

        // Something that no freeze holds may have changed the layout: a sharer of the address space, a userfaultfd manager.
        if (_plan.Advice != Advice.Collapse && _recheck.HasMoved())
        {
            _stop = TransactionStop.Raced;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool AdviseBatch(ulong maxBytes)
    {
        _ledger.Cut(maxBytes);
        long begin = Stopwatch.GetTimestamp();
        Errno errno = Kernel.ProcessMadvise(_target.Pidfd, _ledger.Batch, _plan.Advice.Value, out long advised);
        long ticks = Stopwatch.GetTimestamp() - begin;
        _clock.Advised(ticks);
        if (!_ledger.Record(errno, advised))
        {
            _stop = TransactionStop.FromAdvise(_target, errno);
            return false;
        }

        if (advised > 0)
        {
            _budget.Advised((ulong)advised, ticks);
        }

        _probe?.At(TransactionPhase.Advised);
        return true;
    }

    private long Deadline(long begin) => _freezeTicks == long.MaxValue ? long.MaxValue : begin + _freezeTicks;

    private HintOutcome Close(CancellationToken cancellationToken)
    {
        if (_target.HasExited && _stop.Status != HintStatus.TargetExited)
        {
            _stop = TransactionStop.TargetExited;
        }

        if (_stop.Reason == HintReason.Cancelled && !_ledger.IsTouched)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        return OutcomeBuilder.Build(_target, _plan, _stop, _ledger, _clock, _freezer?.Kind ?? FreezerKind.Auto);
    }
}
