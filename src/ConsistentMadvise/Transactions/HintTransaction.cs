using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One attempt to apply one plan: checks whether it may begin, proceeds as its consistency requires, and reports the outcome.</summary>
internal sealed class HintTransaction(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe = null, TransactionOrigin? origin = null)
{
    private readonly TransactionState _state = new(target, plan, options, probe) { IsPlanKnown = origin?.IsPlanKnown ?? plan.Layout is not null };

    /// <summary>Runs the transaction. Once it returns or throws, the target is as it was found.</summary>
    public HintOutcome Run(CancellationToken cancellationToken)
    {
        AddressSpace? space = (origin is null ? plan.Layout?.Space : origin.Space) is { } planned && planned.TryPin() ? planned : null;
        try
        {
            HintOutcome outcome = Run(space, cancellationToken);
            if (!_state.Ledger.IsPending && !_state.IsGivenUp)
            {
                _state.Scratch.Return(); // not returned if it throws: a call may still be in progress
            }

            return outcome;
        }
        finally
        {
            ReturnCaller();
            space?.Unpin();
        }
    }

    /// <param name="space">The address space that the plan was made from; null for a plan from elsewhere, or if its target was disposed.</param>
    /// <param name="cancellationToken">Stops between two windows.</param>
    private HintOutcome Run(AddressSpace? space, CancellationToken cancellationToken)
    {
        using EffectMeter? meter = options.MeasureEffect ? new EffectMeter(target, plan) : null;
        _state.Meter = meter;
        _state.Cancellation = cancellationToken;
        TransactionStop stop = Advise(space, cancellationToken);
        if (_state.Ledger is { IsTouched: true, IsPending: false })
        {
            meter?.MeasureAfter();
        }

        stop = stop.SettledFor(target);
        if (stop.Reason == HintReason.Cancelled && !_state.Ledger.HasAdvised)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        return OutcomeBuilder.Build(_state, stop);
    }

    private TransactionStop Advise(AddressSpace? space, CancellationToken cancellationToken)
    {
        TransactionStop stop = Open();
        if (!stop.IsNone || _state.Ledger.IsDone)
        {
            return stop;
        }

        stop = RentCaller();
        if (!stop.IsNone)
        {
            return stop;
        }

        probe?.At(TransactionPhase.Opened);
        return options.Consistency == HintConsistency.Unchecked ? AdviseUnchecked(cancellationToken) : AdviseChecked(space, cancellationToken);
    }

    private TransactionStop Open()
    {
        if (!plan.Token.Process.IsSameProcess(target.Identity))
        {
            return new TransactionStop(HintStatus.TargetExited, HintReason.PidReused, target.Pid);
        }

        if (plan.IsExpiredAt(DateTimeOffset.UtcNow))
        {
            return new TransactionStop(HintStatus.Stale, HintReason.PlanExpired);
        }

        if (PendingCalls.Forbid(target.Identity, plan.Advice))
        {
            return new TransactionStop(HintStatus.Refused, HintReason.CallDidNotReturn, target.Pid);
        }

        Errno errno = Preflight.Ask(target, plan.Advice);
        Preflight.ThrowIfUnsupported(errno, plan.Advice);
        return errno.Ok ? TransactionStop.None : TransactionStop.FromAdvise(errno);
    }

    /// <summary>Has another thread make the calls if they may block.</summary>
    private TransactionStop RentCaller()
    {
        if (!plan.Advice.MayWait)
        {
            return TransactionStop.None;
        }

        bool isRented = HintThread.TryRent(out HintThread? caller);
        _state.Caller = caller;
        return isRented ? TransactionStop.None : TransactionStop.CouldNotLook(Errno.EAGAIN);
    }

    private void ReturnCaller()
    {
        if (_state.Ledger.IsPending)
        {
            PendingCalls.Add(target.Identity, _state.Caller!);
        }

        _state.Caller?.Return();
    }

    private TransactionStop AdviseUnchecked(CancellationToken cancellationToken)
    {
        TransactionStop stop = ProvePlan();
        if (!stop.IsNone)
        {
            return stop;
        }

        MeasureBefore(cancellationToken);
        while (stop.IsNone && !_state.Ledger.IsDone)
        {
            stop = TransactionStop.IfCancelled(cancellationToken);
            stop = stop.IsNone ? _state.AdviseBatch(BatchCutter.MaxBytes) : stop;
        }

        return stop;
    }

    private TransactionStop AdviseChecked(AddressSpace? space, CancellationToken cancellationToken)
    {
        IRecheck? recheck = Rechecks.Create(target, plan, options, _state.Remainder, space, _state.Scratch);
        if (recheck is null)
        {
            return target.HasExited ? TransactionStop.TargetExited : new TransactionStop(HintStatus.Refused, HintReason.SequenceNotAvailable, target.Pid);
        }

        recheck = probe?.Substitute(recheck) ?? recheck;
        TransactionStop stop = Precheck(recheck);
        stop = stop.IsNone ? ProvePlan() : stop;
        if (!stop.IsNone)
        {
            return stop;
        }

        LeaveOutEmpty(recheck, cancellationToken);
        MeasureBefore(cancellationToken);
        probe?.At(TransactionPhase.Prechecked);
        return options.Consistency == HintConsistency.Optimistic ? OptimisticAttempt.Run(_state, recheck, cancellationToken)
            : _state.Ledger.IsDone ? TransactionStop.None
            : FrozenAttempt.Run(_state, recheck, cancellationToken);
    }

    /// <remarks>A scan finds nothing in an address space that is gone. So if nothing is left to freeze for, the layout is compared once more, and any doubt is left to the recheck under the freeze.</remarks>
    private void LeaveOutEmpty(IRecheck recheck, CancellationToken cancellationToken)
    {
        HeldMemory? held = options.Consistency == HintConsistency.Frozen ? HeldMemory.Find(target, plan, cancellationToken) : null;
        if (held is not null && (held.Ranges.Length != 0 || (recheck.Run(mayDrop: false).IsSame && !target.HasExited)))
        {
            _state.Ledger.Narrow(held);
        }
    }

    private void MeasureBefore(CancellationToken cancellationToken)
    {
        if (!_state.Ledger.IsDone)
        {
            _state.Meter?.MeasureBefore(cancellationToken);
        }
    }

    /// <summary>Runs after the precheck: by then the recheck knows whether the plan's sequence was right, and a wrong one can never become right.</summary>
    private TransactionStop ProvePlan()
    {
        if (_state.IsPlanKnown)
        {
            return TransactionStop.None;
        }

        long begin = Stopwatch.GetTimestamp();
        RecheckResult result = new PlanProof(target, plan, options.Match, _state.Scratch).Run();
        _state.Clock.Prechecked(Stopwatch.GetTimestamp() - begin);
        _state.IsPlanKnown = result.IsSame;
        return result.StopBeforeHints;
    }

    /// <remarks>
    /// Retried once: a read of a running process can miss a line that never went away. A frozen process reads consistently, so an unsettled result
    /// is left to the recheck under the freeze, if there will be one.
    /// </remarks>
    private TransactionStop Precheck(IRecheck recheck)
    {
        long begin = Stopwatch.GetTimestamp();
        RecheckResult result = recheck.Run(mayDrop: false);
        if (result.Kind is RecheckKind.Changed or RecheckKind.Unsettled or RecheckKind.Gone)
        {
            result = recheck.Run(mayDrop: false);
        }

        long ticks = Stopwatch.GetTimestamp() - begin;
        _state.Clock.Prechecked(ticks);
        _state.Budget.Prechecked(ticks);
        bool isForTheFreeze = result.Kind == RecheckKind.Unsettled && options.Consistency == HintConsistency.Frozen;
        return isForTheFreeze ? TransactionStop.None : result.StopBeforeHints;
    }
}
