using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>What a recheck found, and the error that kept it from finding more.</summary>
[RunsFrozen]
internal readonly record struct RecheckResult(RecheckKind Kind, Errno Errno = default)
{
    public static RecheckResult Same => new(RecheckKind.Same);

    public static RecheckResult Changed => new(RecheckKind.Changed);

    public static RecheckResult Unsettled => new(RecheckKind.Unsettled);

    public static RecheckResult Replaced => new(RecheckKind.Replaced);

    public static RecheckResult Gone => new(RecheckKind.Gone);

    public bool IsSame => Kind == RecheckKind.Same;

    /// <summary>What it means before any hint of the window.</summary>
    public TransactionStop StopBeforeHints => Kind switch
    {
        RecheckKind.Same => TransactionStop.None,
        RecheckKind.Changed or RecheckKind.Unsettled => new(HintStatus.Stale, HintReason.LayoutChanged),
        RecheckKind.Replaced => new(HintStatus.Stale, HintReason.AddressSpaceReplaced),
        RecheckKind.Gone => TransactionStop.TargetExited,
        RecheckKind.Denied => TransactionStop.Refused(HintReason.NotPermitted, 0, Errno),
        _ => TransactionStop.CouldNotLook(Errno),
    };

    /// <summary>What it means of hints that were just given.</summary>
    public TransactionStop StopAfterHints => Kind switch
    {
        RecheckKind.Changed or RecheckKind.Replaced => TransactionStop.Raced,
        RecheckKind.CouldNotLook or RecheckKind.Denied => TransactionStop.Unconfirmed(Errno),
        _ => TransactionStop.None,
    };

    public static RecheckResult CouldNotLook(Errno errno) => new(RecheckKind.CouldNotLook, errno);

    /// <summary>From reading the text of maps without finding a line, or not at all.</summary>
    /// <remarks>An empty text says that there is no address space, and so does <c>ESRCH</c>. A missing file does if the process has exited; hidepid answers <c>ENOENT</c> for live ones.</remarks>
    public static RecheckResult Unreadable(ProcessTarget target, Errno errno) =>
        errno.Ok || errno == Errno.ESRCH || target.HasExited ? Gone
        : errno.IsDenied ? new(RecheckKind.Denied, errno)
        : CouldNotLook(errno);
}
