using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Why a transaction, or a step of it such as a freeze, stops; <see cref="None"/> if it continues.</summary>
/// <param name="Status">The status of a transaction that stops here before anything was advised.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 if there is none.</param>
/// <param name="Errno">The kernel's error; <see cref="Errno.None"/> if no call failed.</param>
[RunsFrozen]
internal readonly record struct TransactionStop(HintStatus Status, HintReason Reason, int Subject = 0, Errno Errno = default)
{
    private readonly string? _detail;

    public static TransactionStop None => default;

    public static TransactionStop TargetExited => new(HintStatus.TargetExited, HintReason.TargetExited);

    public static TransactionStop Raced => new(HintStatus.Raced, HintReason.LayoutMovedMeanwhile);

    /// <summary>The call continues while the target runs, and may then reach memory that was not planned.</summary>
    public static TransactionStop CallDidNotReturn => new(HintStatus.Raced, HintReason.CallDidNotReturn);

    public static TransactionStop ThawedByAnother => new(HintStatus.Raced, HintReason.ThawedByAnother);

    public static TransactionStop HeldByAnotherEngine => new(HintStatus.FreezeTimedOut, HintReason.HeldByAnotherEngine);

    /// <summary>The pause limit passed, and the guard thawed the target, before anything was hinted in this window.</summary>
    public static TransactionStop PauseLimitReached => new(HintStatus.FreezeTimedOut, HintReason.PauseLimitReached);

    /// <summary>The guard thawed the target while it was hinted.</summary>
    public static TransactionStop ThawedAtThePauseLimit => new(HintStatus.Raced, HintReason.PauseLimitReached);

    public bool IsNone => Status == HintStatus.Unspecified;

    /// <summary>What is missing, if the reason alone does not say it; text for a log.</summary>
    public string Detail
    {
        get => _detail ?? string.Empty;
        init => _detail = value;
    }

    /// <summary>Whether the reason holds for every freezer, so that trying another is useless.</summary>
    public bool ForbidsEveryFreezer => Status == HintStatus.Refused && Reason is HintReason.InitProcess or HintReason.AncestorOfCaller or HintReason.ThreadGroupLeaderExited
        or HintReason.TracedByAnother or HintReason.DumpingCore or HintReason.TracesCaller or HintReason.SupervisesCaller or HintReason.AwaitsSupervisor;

    /// <summary><see cref="HintReason.Cancelled"/> if the caller cancelled; otherwise <see cref="None"/>.</summary>
    public static TransactionStop IfCancelled(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Refused(HintReason.Cancelled) : None;

    public static TransactionStop Refused(HintReason reason, int subject = 0, Errno errno = default) => new(HintStatus.Refused, reason, subject, errno);

    /// <summary>An error on the caller's side prevented a required check of the target; nothing was advised.</summary>
    public static TransactionStop CouldNotLook(Errno errno) => Refused(HintReason.CouldNotLook, 0, errno);

    /// <summary>A read of the target failed: it has exited if the kernel says so, otherwise the check failed.</summary>
    public static TransactionStop Unreadable(ProcessTarget target, Errno errno) => target.HasExited ? TargetExited : CouldNotLook(errno);

    /// <summary>A read of a cgroup file failed: <c>ENODEV</c> means a removed group, <c>EOPNOTSUPP</c> a threaded one.</summary>
    public static TransactionStop UnreadableGroup(ProcessTarget target, Errno errno) =>
        (errno == Errno.ENODEV || errno == Errno.EOPNOTSUPP) && !target.HasExited
            ? Refused(HintReason.CgroupNotUsable, 0, errno)
            : Unreadable(target, errno);

    public static TransactionStop TimedOut(int tid) => new(HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop, tid);

    /// <summary>A thread is in execve(2), or the process is exiting: every other thread is about to exit, and holding one would block it.</summary>
    public static TransactionStop Executing(int tid) => new(HintStatus.FreezeTimedOut, HintReason.Executing, tid);

    /// <summary>For an error of <c>process_madvise(2)</c> that makes further calls pointless.</summary>
    public static TransactionStop FromAdvise(Errno errno) =>
        errno == Errno.ESRCH ? TargetExited
        : errno.IsDenied ? Refused(HintReason.NotPermitted, 0, errno)
        : CouldNotLook(errno);

    /// <summary>The check after the hints failed: they may have landed on memory that was not planned.</summary>
    public static TransactionStop Unconfirmed(Errno errno) => new(HintStatus.Raced, HintReason.CouldNotLook, 0, errno);

    /// <summary>Re-evaluates the stop after the thaw: the process, or only its thread-group leader, may have exited since.</summary>
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

        // The kernel found no address space (ESRCH). An exiting process loses its address space shortly before it counts as exited.
        Errno errno = ThreadGroupLeader.HasExitedAlone(target.Directory, target.Pid, out bool hasEndedAlone);
        return !errno.Ok && !target.HasExited ? CouldNotLook(errno)
            : hasEndedAlone ? Refused(HintReason.ThreadGroupLeaderExited, target.Pid, Errno.ESRCH)
            : this;
    }
}
