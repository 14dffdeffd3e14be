using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Why a transaction, or a step of it such as a freeze, goes no further; <see cref="None"/> when it goes on.</summary>
/// <param name="Status">The status of a transaction that stops so without having advised anything.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Subject">The pid or tid that the reason is about; 0 when there is none.</param>
/// <param name="Errno">The error of the kernel, where one said no.</param>
[RunsFrozen]
internal readonly record struct TransactionStop(HintStatus Status, HintReason Reason, int Subject = 0, Errno Errno = default)
{
    private readonly string? _detail;

    public static TransactionStop None => default;

    public static TransactionStop TargetExited => new(HintStatus.TargetExited, HintReason.TargetExited);

    public static TransactionStop Raced => new(HintStatus.Raced, HintReason.LayoutMovedMeanwhile);

    /// <summary>The call goes on when the target runs again, and may then meet other memory than was planned.</summary>
    public static TransactionStop CallDidNotReturn => new(HintStatus.Raced, HintReason.CallDidNotReturn);

    public static TransactionStop ThawedByAnother => new(HintStatus.Raced, HintReason.ThawedByAnother);

    public static TransactionStop HeldByAnotherEngine => new(HintStatus.FreezeTimedOut, HintReason.HeldByAnotherEngine);

    /// <summary>The pause limit passed, and the guard thawed the target, before anything was hinted in this window.</summary>
    public static TransactionStop PauseLimitReached => new(HintStatus.FreezeTimedOut, HintReason.PauseLimitReached);

    /// <summary>The guard thawed the target while it was hinted.</summary>
    public static TransactionStop ThawedAtThePauseLimit => new(HintStatus.Raced, HintReason.PauseLimitReached);

    public bool IsNone => Status == HintStatus.Unspecified;

    /// <summary>What is missing, where the reason alone does not say; for people.</summary>
    public string Detail
    {
        get => _detail ?? string.Empty;
        init => _detail = value;
    }

    /// <summary>Whether the reason speaks against every freezer, so that no other need be tried: it is true of the target however it is held.</summary>
    public bool ForbidsEveryFreezer => Status == HintStatus.Refused && Reason is HintReason.InitProcess or HintReason.AncestorOfCaller or HintReason.ThreadGroupLeaderExited
        or HintReason.TracedByAnother or HintReason.DumpingCore or HintReason.TracesCaller or HintReason.SupervisesCaller or HintReason.AwaitsSupervisor;

    /// <summary>The caller asked for it; none if it did not.</summary>
    public static TransactionStop IfCancelled(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Refused(HintReason.Cancelled) : None;

    public static TransactionStop Refused(HintReason reason, int subject = 0, Errno errno = default) => new(HintStatus.Refused, reason, subject, errno);

    /// <summary>An error on the caller's side kept it from finding out what it must know of the target; nothing is advised then.</summary>
    public static TransactionStop CouldNotLook(Errno errno) => Refused(HintReason.CouldNotLook, 0, errno);

    /// <summary>Something of the target could not be read: it has exited, if the kernel says so.</summary>
    public static TransactionStop Unreadable(ProcessTarget target, Errno errno) => target.HasExited ? TargetExited : CouldNotLook(errno);

    /// <summary>A file of a cgroup could not be read: a removed group has none (<c>ENODEV</c>), a threaded one has no processes of its own (<c>EOPNOTSUPP</c>).</summary>
    public static TransactionStop UnreadableGroup(ProcessTarget target, Errno errno) =>
        (errno == Errno.ENODEV || errno == Errno.EOPNOTSUPP) && !target.HasExited
            ? Refused(HintReason.CgroupNotUsable, 0, errno)
            : Unreadable(target, errno);

    public static TransactionStop TimedOut(int tid) => new(HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop, tid);

    /// <summary>A thread is in execve(2), or the process is exiting: every other thread exits with that, and none may be held until then.</summary>
    public static TransactionStop Executing(int tid) => new(HintStatus.FreezeTimedOut, HintReason.Executing, tid);

    /// <summary>From the error of a call of <c>process_madvise(2)</c> that no further call can follow.</summary>
    public static TransactionStop FromAdvise(Errno errno) =>
        errno == Errno.ESRCH ? TargetExited
        : errno.IsDenied ? Refused(HintReason.NotPermitted, 0, errno)
        : CouldNotLook(errno);

    /// <summary>The look after the hints failed: nothing says that they met the planned memory.</summary>
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

        // The kernel found no address space (ESRCH). A process that is exiting has none either, for a moment before it has exited.
        Errno errno = ThreadGroupLeader.HasExitedAlone(target.Directory, target.Pid, out bool hasEndedAlone);
        return !errno.Ok && !target.HasExited ? CouldNotLook(errno)
            : hasEndedAlone ? Refused(HintReason.ThreadGroupLeaderExited, target.Pid, Errno.ESRCH)
            : this;
    }
}
