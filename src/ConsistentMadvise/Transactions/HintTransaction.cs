using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One attempt to apply one plan: looks whether it may begin, takes the course that its consistency asks for, and gives account.</summary>
internal sealed class HintTransaction(ProcessTarget target, HintPlan plan, HintOptions options, ITransactionProbe? probe = null)
{
    private readonly TransactionState _state = new(target, plan, options, probe);

    /// <summary>Runs the transaction. Once it returns or throws, the target is as it was found.</summary>
    public HintOutcome Run(CancellationToken cancellationToken)
    {
        _state.Stop = Open();
        if (_state.GoesOn)
        {
            probe?.At(TransactionPhase.Opened);
            if (options.Consistency == HintConsistency.Unchecked)
            {
                AdviseUnchecked(cancellationToken);
            }
            else
            {
                AdviseChecked(cancellationToken);
            }
        }

        _state.Stop = _state.Stop.SettledFor(target);
        if (_state.Stop.Reason == HintReason.Cancelled && !_state.Ledger.HasAdvised)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        return OutcomeBuilder.Build(_state);
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

        Errno errno = Preflight.Ask(target, plan.Advice);
        Preflight.ThrowIfUnsupported(errno, plan.Advice);
        return errno.Ok ? TransactionStop.None : TransactionStop.FromAdvise(errno);
    }

    private void AdviseUnchecked(CancellationToken cancellationToken)
    {
        while (_state.GoesOn && !_state.IsCancelled(cancellationToken))
        {
            _state.AdviseBatch(BatchCutter.MaxBytes);
        }
    }

    private void AdviseChecked(CancellationToken cancellationToken)
    {
        IRecheck? recheck = Rechecks.Create(target, plan, options, _state.Remainder);
        if (recheck is null)
        {
            _state.Stop = target.HasExited ? TransactionStop.TargetExited : new TransactionStop(HintStatus.Refused, HintReason.SequenceNotAvailable, target.Pid);
            return;
        }

        recheck = probe?.Substitute(recheck) ?? recheck;
        _state.Stop = Precheck(recheck);
        if (!_state.GoesOn)
        {
            return;
        }

        probe?.At(TransactionPhase.Prechecked);
        if (options.Consistency == HintConsistency.Optimistic)
        {
            OptimisticCourse.Run(_state, recheck, cancellationToken);
        }
        else
        {
            FrozenCourse.Run(_state, recheck, cancellationToken);
        }
    }

    /// <remarks>
    /// Twice before it is believed: a read of a running process may miss a line that was there all along. Of a frozen one it cannot; so what does not settle
    /// while the target runs is left to the freeze, if there will be one.
    /// </remarks>
    private TransactionStop Precheck(IRecheck recheck)
    {
        long begin = Stopwatch.GetTimestamp();
        RecheckResult result = recheck.Run();
        if (result is RecheckResult.Changed or RecheckResult.Unsettled or RecheckResult.Gone)
        {
            result = recheck.Run();
        }

        _state.Clock.Prechecked(Stopwatch.GetTimestamp() - begin);
        bool isForTheFreeze = result == RecheckResult.Unsettled && options.Consistency == HintConsistency.Frozen;
        return isForTheFreeze ? TransactionStop.None : TransactionStop.From(result);
    }
}
