namespace ConsistentMadvise;

/// <summary>What became of one freeze that a recovery found written down.</summary>
public enum RecoveryStatus
{
    /// <summary>Never returned.</summary>
    Unspecified = 0,

    /// <summary>It was frozen, its engine is dead, and this recovery thawed it.</summary>
    Thawed,

    /// <summary>Its engine is dead, and the guard of that engine thawed it while this recovery waited.</summary>
    ThawedByGuard,

    /// <summary>Its engine is dead, and it was not frozen any more, or not yet.</summary>
    AlreadyRunning,

    /// <summary>The process has exited, or its cgroup is gone.</summary>
    TargetExited,

    /// <summary>Left alone: the engine that freezes it lives, or another recovery is at it.</summary>
    OwnerAlive,

    /// <summary>Left alone: it was written down in another pid namespace, where its numbers mean other processes. It may still be frozen.</summary>
    OtherNamespace,

    /// <summary>It may still be frozen; the message says why.</summary>
    Failed,
}
