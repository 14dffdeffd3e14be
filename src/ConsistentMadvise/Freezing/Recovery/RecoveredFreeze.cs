namespace ConsistentMadvise;

/// <summary>A recorded freeze that a recovery found, and its result.</summary>
public sealed class RecoveredFreeze
{
    internal RecoveredFreeze(RecoveryStatus status, JournalEntry entry, int ownerPid, string message = "")
        : this(
            status,
            entry.Head.Process,
            entry.Head.Kind == FreezerKind.Auto ? null : entry.Head.Kind,
            entry.Head.Kind == FreezerKind.Cgroup ? entry.Path.ToString() : null,
            ownerPid,
            message)
    {
    }

    internal RecoveredFreeze(RecoveryStatus status, ProcessIdentity process, FreezerKind? freezer, string? cgroup, int ownerPid, string message)
    {
        Status = status;
        Process = process;
        Freezer = freezer;
        Cgroup = cgroup;
        OwnerPid = ownerPid;
        Message = message;
    }

    /// <summary>Gets the result.</summary>
    public RecoveryStatus Status { get; }

    /// <summary>Gets the process that was to be frozen; its pid is 0 if a journal could not be read.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Gets what froze it: <see cref="FreezerKind.Cgroup"/> or <see cref="FreezerKind.Signal"/>; null if a journal could not be read.</summary>
    public FreezerKind? Freezer { get; }

    /// <summary>Gets the cgroup's directory; null for a freeze by signal.</summary>
    public string? Cgroup { get; }

    /// <summary>Gets the process that froze it, in the pid namespace of that process; 0 if unknown.</summary>
    public int OwnerPid { get; }

    /// <summary>Gets why it failed, as a sentence; empty if it did not.</summary>
    public string Message { get; }

    /// <summary>Gets whether the process may still be frozen with no process responsible for thawing it.</summary>
    public bool MayBeFrozen => Status is RecoveryStatus.Failed or RecoveryStatus.OtherNamespace;

    /// <summary>Returns the pid, the freezer, the status and the message in one line.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"process {Process.Pid} ({(Freezer is { } kind ? kind : "unknown")}): {Status}") + (Message.Length == 0 ? string.Empty : $", {Message}");
}
