using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A transaction that a helper runs for its host.</summary>
internal static class HostedTransaction
{
    /// <param name="pidfd">The host's descriptor of the target, closed with the transaction.</param>
    /// <param name="plan">The plan, read from JSON.</param>
    /// <param name="options">How to apply it.</param>
    /// <param name="origin">What the host knows about the plan.</param>
    /// <param name="probe">Acts at phases, for tests.</param>
    /// <param name="cancellationToken">Stops between two windows.</param>
    public static HintOutcome Run(
        SafeDescriptor pidfd, HintPlan plan, HintOptions options, TransactionOrigin origin, ITransactionProbe? probe, CancellationToken cancellationToken)
    {
        (TargetError error, Errno errno) = TargetOpening.TryOpen(pidfd, out int pid, out ProcessTarget? opened);
        using ProcessTarget? target = opened;
        return target is null ? NotOpened(plan, StopFor(error, errno, pid)) : TargetTransactions.RunUnrecorded(target, plan, options, probe, cancellationToken, origin);
    }

    private static TransactionStop StopFor(TargetError error, Errno errno, int pid) => error switch
    {
        TargetError.NotFound or TargetError.Zombie => TransactionStop.TargetExited,
        TargetError.ThreadGroupLeaderExited => new TransactionStop(HintStatus.Refused, HintReason.ThreadGroupLeaderExited, pid, Errno.ESRCH),
        TargetError.IsCaller => new TransactionStop(HintStatus.Refused, HintReason.AncestorOfCaller), // the target is this helper
        TargetError.AccessDenied => new TransactionStop(HintStatus.Refused, HintReason.NotPermitted, 0, errno),
        _ => TransactionStop.CouldNotLook(errno),
    };

    private static HintOutcome NotOpened(HintPlan plan, TransactionStop stop)
    {
        HintReport report = new() { Message = ReasonText.Explain(stop.Reason, stop.Subject, stop.Errno), BytesPlanned = plan.Bytes };
        return stop.Status == HintStatus.TargetExited ? HintOutcome.TargetExited(stop.Reason, report) : HintOutcome.Refused(stop.Reason, report);
    }
}
