using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The result of a recheck, and the error that limited it.</summary>
[RunsFrozen]
internal readonly record struct RecheckResult(RecheckKind Kind, Errno Errno = default)
{
    public static RecheckResult Same => new(RecheckKind.Same);

    public static RecheckResult Changed => new(RecheckKind.Changed);

    public static RecheckResult Unsettled => new(RecheckKind.Unsettled);

    public static RecheckResult Replaced => new(RecheckKind.Replaced);

    public static RecheckResult Gone => new(RecheckKind.Gone);

    public bool IsSame => Kind == RecheckKind.Same;

    /// <summary>The meaning of the result before any hint of the window.</summary>
    public TransactionStop StopBeforeHints => Kind switch
    {
        RecheckKind.Same => TransactionStop.None,
        RecheckKind.Changed or RecheckKind.Unsettled => new(HintStatus.Stale, HintReason.LayoutChanged),
        RecheckKind.Replaced => new(HintStatus.Stale, HintReason.AddressSpaceReplaced),
        RecheckKind.Gone => TransactionStop.TargetExited,
        RecheckKind.Denied => TransactionStop.Refused(HintReason.NotPermitted, 0, Errno),
        _ => TransactionStop.CouldNotLook(Errno),
    };

    /// <summary>The meaning of the result for hints that were just given.</summary>
    public TransactionStop StopAfterHints => Kind switch
    {
        RecheckKind.Changed or RecheckKind.Replaced => TransactionStop.Raced,
        RecheckKind.CouldNotLook or RecheckKind.Denied => TransactionStop.Unconfirmed(Errno),
        _ => TransactionStop.None,
    };

    public static RecheckResult CouldNotLook(Errno errno) => new(RecheckKind.CouldNotLook, errno);

    /// <summary>The result if the text of maps had no line, or could not be read.</summary>
    /// <remarks>An empty text means that there is no address space, and so does <c>ESRCH</c>. A missing file means that only if the process has exited; hidepid returns <c>ENOENT</c> for live processes.</remarks>
    public static RecheckResult Unreadable(ProcessTarget target, Errno errno) =>
        errno.Ok || errno == Errno.ESRCH || target.HasExited ? Gone
        : errno.IsDenied ? new(RecheckKind.Denied, errno)
        : CouldNotLook(errno);
}
