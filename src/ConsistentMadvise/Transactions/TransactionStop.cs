using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Why a transaction stops before its plan is done.</summary>
/// <param name="Status">The status of a transaction that stops so without having advised anything.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 when there is none.</param>
/// <param name="Errno">The error of the kernel, where one said no.</param>
[RunsFrozen]
internal readonly record struct TransactionStop(HintStatus Status, HintReason Reason, int Subject = 0, Errno Errno = default)
{
    public static TransactionStop None => default;

    public static TransactionStop TargetExited => new(HintStatus.TargetExited, HintReason.TargetExited);

    public static TransactionStop Raced => new(HintStatus.Raced, HintReason.LayoutMovedMeanwhile);

    /// <summary>The look after the hints failed: nothing says that they met the planned memory.</summary>
    public static TransactionStop Unconfirmed(Errno errno) => new(HintStatus.Raced, HintReason.CouldNotLook, 0, errno);

    /// <summary>It goes on when the target runs again, and may then meet other memory than was planned.</summary>
    public static TransactionStop CallDidNotReturn => new(HintStatus.Raced, HintReason.CallDidNotReturn);

    public static TransactionStop ThawedByAnother => new(HintStatus.Raced, HintReason.ThawedByAnother);

    /// <summary>The pause limit has passed before anything was hinted in this window.</summary>
    public static TransactionStop PauseLimitReached => new(HintStatus.FreezeTimedOut, HintReason.PauseLimitReached);

    /// <summary>The guard has thawed the target while it was hinted.</summary>
    public static TransactionStop ThawedAtThePauseLimit => new(HintStatus.Raced, HintReason.PauseLimitReached);

    /// <summary>The caller asked for it; none if it did not.</summary>
    public static TransactionStop IfCancelled(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? new(HintStatus.Refused, HintReason.Cancelled) : None;

    public bool IsNone => Status == HintStatus.Unspecified;

    public static TransactionStop From(FreezeResult result) => result.Status switch
    {
        FreezeStatus.Frozen => None,
        FreezeStatus.TimedOut => new(HintStatus.FreezeTimedOut, result.Reason, result.Subject, result.Errno),
        FreezeStatus.TargetExited => TargetExited,
        _ => new(HintStatus.Refused, result.Reason, result.Subject, result.Errno),
    };

    public static TransactionStop From(RecheckResult result) => result.Kind switch
    {
        RecheckKind.Same => None,
        RecheckKind.Changed or RecheckKind.Unsettled => new(HintStatus.Stale, HintReason.LayoutChanged),
        RecheckKind.Replaced => new(HintStatus.Stale, HintReason.AddressSpaceReplaced),
        RecheckKind.Gone => TargetExited,
        RecheckKind.Denied => new(HintStatus.Refused, HintReason.NotPermitted, 0, result.Errno),
        _ => CouldNotLook(result.Errno),
    };

    /// <summary>From the look after the hints.</summary>
    public static TransactionStop AfterHints(RecheckResult result) => result.Kind switch
    {
        RecheckKind.Changed or RecheckKind.Replaced => Raced,
        RecheckKind.CouldNotLook or RecheckKind.Denied => Unconfirmed(result.Errno),
        _ => None,
    };

    /// <summary>An error on the caller's side kept it from finding out what it must know; nothing is advised then.</summary>
    public static TransactionStop CouldNotLook(Errno errno) => new(HintStatus.Refused, HintReason.CouldNotLook, 0, errno);

    /// <summary>From the error of a call of <c>process_madvise(2)</c> that no further call can follow.</summary>
    public static TransactionStop FromAdvise(Errno errno) =>
        errno == Errno.ESRCH ? TargetExited
        : errno.IsDenied ? new(HintStatus.Refused, HintReason.NotPermitted, 0, errno)
        : CouldNotLook(errno);

    /// <summary>The same, as it is known when the target runs again: it may have exited meanwhile, or only its thread-group leader may have, and the address space with that.</summary>
    public TransactionStop SettledFor(ProcessTarget target)
    {
        if (Status != HintStatus.TargetExited || target.HasExited)
        {
            return target.HasExited ? TargetExited : this;
        }

        if (Reason != HintReason.TargetExited)
        {
            return this;
        }

        // The kernel found no address space (ESRCH). A process that is exiting has none either, for a moment before it has exited.
        Errno errno = ThreadGroupLeader.HasExitedAlone(target.Directory, target.Pid, out bool hasEndedAlone);
        return !errno.Ok && !target.HasExited ? CouldNotLook(errno)
            : hasEndedAlone ? new(HintStatus.Refused, HintReason.ThreadGroupLeaderExited, target.Pid, Errno.ESRCH)
            : this;
    }
}
