using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How an attempt to freeze ended, and why it did not succeed.</summary>
/// <param name="Status">The end.</param>
/// <param name="Reason">Why the target is not frozen.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 when there is none.</param>
/// <param name="Errno">The error of the kernel, where one said no.</param>
[RunsFrozen]
internal readonly record struct FreezeResult(FreezeStatus Status, HintReason Reason = HintReason.None, int Subject = 0, Errno Errno = default)
{
    /// <summary>Why it is this freezer that was made, in a sentence; empty when none was.</summary>
    public string Choice { get; init; } = string.Empty;

    /// <summary>What is missing, where the reason alone does not say; for people.</summary>
    public string Detail { get; init; } = string.Empty;

    /// <summary>Whether the reason speaks against every freezer, so that no other need be tried: what it says is true of the target, however it is held.</summary>
    public bool ForbidsEveryFreezer => Status == FreezeStatus.Refused && Reason is HintReason.InitProcess or HintReason.AncestorOfCaller or HintReason.ThreadGroupLeaderExited
        or HintReason.TracedByAnother or HintReason.DumpingCore or HintReason.TracesCaller or HintReason.SupervisesCaller or HintReason.AwaitsSupervisor;

    public static FreezeResult Frozen => new(FreezeStatus.Frozen);

    public static FreezeResult TargetExited => new(FreezeStatus.TargetExited, HintReason.TargetExited);

    /// <summary>An error on the caller's side kept it from finding out what it must know of the target, which may be as it was all along.</summary>
    public static FreezeResult CouldNotLook(Errno errno) => new(FreezeStatus.Refused, HintReason.CouldNotLook, 0, errno);

    /// <summary>Something of the target could not be read: it has exited, if the kernel says so.</summary>
    public static FreezeResult Unreadable(ProcessTarget target, Errno errno) => target.HasExited ? TargetExited : CouldNotLook(errno);

    /// <summary>A file of a cgroup could not be read: a removed group has none (<c>ENODEV</c>), a threaded one has no processes of its own (<c>EOPNOTSUPP</c>).</summary>
    public static FreezeResult UnreadableGroup(ProcessTarget target, Errno errno) =>
        (errno == Errno.ENODEV || errno == Errno.EOPNOTSUPP) && !target.HasExited
            ? Refused(HintReason.CgroupNotUsable, 0, errno)
            : Unreadable(target, errno);

    public static FreezeResult HeldByAnotherEngine => new(FreezeStatus.TimedOut, HintReason.HeldByAnotherEngine);

    /// <summary>The guard has thawed it: the caller took longer than it allowed itself.</summary>
    public static FreezeResult PauseLimitReached => new(FreezeStatus.TimedOut, HintReason.PauseLimitReached);

    public static FreezeResult TimedOut(int tid) => new(FreezeStatus.TimedOut, HintReason.ThreadsDidNotStop, tid);

    /// <summary>A thread executes a program, or the process ends: every other thread ends with that, and none may be held meanwhile.</summary>
    public static FreezeResult Executing(int tid) => new(FreezeStatus.TimedOut, HintReason.Executing, tid);

    public static FreezeResult Refused(HintReason reason, int subject = 0, Errno errno = default) => new(FreezeStatus.Refused, reason, subject, errno);
}
