using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Why a transaction stops before its plan is done.</summary>
/// <param name="Status">The status of a transaction that stops so without having advised anything.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 when there is none.</param>
/// <param name="Errno">The error of the kernel, where one said no.</param>
internal readonly record struct TransactionStop(HintStatus Status, HintReason Reason, int Subject = 0, Errno Errno = default)
{
    public static TransactionStop None => default;

    public static TransactionStop TargetExited => new(HintStatus.TargetExited, HintReason.TargetExited);

    public static TransactionStop Raced => new(HintStatus.Raced, HintReason.LayoutMovedMeanwhile);

    public static TransactionStop ThawedByAnother => new(HintStatus.Raced, HintReason.ThawedByAnother);

    public bool IsNone => Status == HintStatus.Unspecified;

    public static TransactionStop From(FreezeResult result) => result.Status switch
    {
        FreezeStatus.Frozen => None,
        FreezeStatus.TimedOut => new(HintStatus.FreezeTimedOut, result.Reason, result.Subject, result.Errno),
        FreezeStatus.TargetExited => TargetExited,
        _ => new(HintStatus.Refused, result.Reason, result.Subject, result.Errno),
    };

    public static TransactionStop From(RecheckResult result) => result switch
    {
        RecheckResult.Same => None,
        RecheckResult.Changed or RecheckResult.Unsettled => new(HintStatus.Stale, HintReason.LayoutChanged),
        RecheckResult.Replaced => new(HintStatus.Stale, HintReason.AddressSpaceReplaced),
        RecheckResult.Gone => TargetExited,
        _ => new(HintStatus.Refused, HintReason.NotPermitted, 0, Errno.EACCES),
    };

    /// <summary>From the error of a call of <c>process_madvise(2)</c> that no further call can follow.</summary>
    public static TransactionStop FromAdvise(Errno errno) => errno == Errno.ESRCH ? TargetExited : new(HintStatus.Refused, HintReason.NotPermitted, 0, errno);

    /// <summary>The same, as it is known when the target runs again: it may have ended meanwhile, or only its main thread may have, and the address space with that.</summary>
    public TransactionStop SettledFor(ProcessTarget target) => (Status == HintStatus.TargetExited, target.HasExited) switch
    {
        (false, true) => TargetExited,
        (true, false) when Reason == HintReason.TargetExited && MainThread.HasEndedAlone(target.Directory, target.Pid) =>
            new(HintStatus.Refused, HintReason.MainThreadEnded, target.Pid, Errno.ESRCH),
        _ => this,
    };
}
