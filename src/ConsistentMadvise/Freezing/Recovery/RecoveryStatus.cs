namespace ConsistentMadvise;

/// <summary>The result for one recorded freeze that a recovery found.</summary>
public enum RecoveryStatus
{
    /// <summary>Never returned.</summary>
    Unspecified = 0,

    /// <summary>It was frozen, its engine is dead, and this recovery thawed it.</summary>
    Thawed,

    /// <summary>Its engine is dead, and the guard of that engine thawed it while this recovery waited.</summary>
    ThawedByGuard,

    /// <summary>Its engine is dead, and it was no longer frozen, or not frozen yet.</summary>
    AlreadyRunning,

    /// <summary>The process has exited, or its cgroup is gone.</summary>
    TargetExited,

    /// <summary>Left alone: the engine that froze it is alive, or another recovery is handling it.</summary>
    OwnerAlive,

    /// <summary>Left alone: it was recorded in another pid namespace, where its pid refers to another process. It may still be frozen.</summary>
    OtherNamespace,

    /// <summary>It may still be frozen; the message says why.</summary>
    Failed,
}
