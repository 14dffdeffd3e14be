namespace ConsistentMadvise;

/// <summary>Whether a recovery that runs after this mount namespace is gone would find the journals (mount_namespaces(7)).</summary>
/// <remarks>
/// A container with the host's pids and a <c>/run</c> of its own is the case: when it is killed, its targets live on, and a restarted container has
/// an empty <c>/run</c>. Where the processes end with the container, nothing is left to be recovered.
/// </remarks>
internal enum JournalReach
{
    /// <summary>The first process of the pid namespace sees the same place.</summary>
    Shared = 0,

    /// <summary>It sees another, or none.</summary>
    Private,

    /// <summary>The caller may not look.</summary>
    Unknown,
}
