namespace ConsistentMadvise;

/// <summary>Whether a recovery that runs after this mount namespace is gone would find the journals (mount_namespaces(7)).</summary>
/// <remarks>
/// This matters for a container with the host's pids and its own <c>/run</c>: if it is killed, its targets live on, and a restarted container has
/// an empty <c>/run</c>. If the processes exit with the container, nothing is left to recover.
/// </remarks>
internal enum JournalReach
{
    /// <summary>The first process of the pid namespace sees the same directory.</summary>
    Shared = 0,

    /// <summary>It sees another directory, or none.</summary>
    Private,

    /// <summary>The caller may not check.</summary>
    Unknown,
}
