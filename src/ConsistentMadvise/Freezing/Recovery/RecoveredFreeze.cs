namespace ConsistentMadvise;

/// <summary>A freeze that a recovery found written down, and what became of it.</summary>
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

    /// <summary>Gets what became of it.</summary>
    public RecoveryStatus Status { get; }

    /// <summary>Gets the process that was to be frozen; its pid is 0 when a journal could not be read.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Gets what froze it: <see cref="FreezerKind.Cgroup"/> or <see cref="FreezerKind.Signal"/>; null when a journal could not be read.</summary>
    public FreezerKind? Freezer { get; }

    /// <summary>Gets the cgroup's directory; null for a freeze by signal.</summary>
    public string? Cgroup { get; }

    /// <summary>Gets the process that froze it, in the pid namespace of that process; 0 when that is not known.</summary>
    public int OwnerPid { get; }

    /// <summary>Gets why it failed, for people; empty when it did not.</summary>
    public string Message { get; }

    /// <summary>Gets whether the process may still be frozen, and no one is bound to thaw it.</summary>
    public bool MayBeFrozen => Status is RecoveryStatus.Failed or RecoveryStatus.OtherNamespace;

    /// <summary>Returns the pid, the freezer, the status and the message in one line.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"process {Process.Pid} ({(Freezer is { } kind ? kind : "unknown")}): {Status}") + (Message.Length == 0 ? string.Empty : $", {Message}");
}
