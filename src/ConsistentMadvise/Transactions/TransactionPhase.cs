namespace ConsistentMadvise;

/// <summary>The steps of a transaction, in their order; those from <see cref="Freezing"/> on are repeated for each window.</summary>
internal enum TransactionPhase
{
    /// <summary>The plan is for this target; nothing has been checked yet.</summary>
    Opened = 1,

    /// <summary>The layout was compared without a freeze, and matched.</summary>
    Prechecked,

    /// <summary>The target is about to be frozen.</summary>
    Freezing,

    /// <summary>Every thread of the target is held.</summary>
    Frozen,

    /// <summary>The layout was compared under the freeze, and matched.</summary>
    Rechecked,

    /// <summary>One batch of ranges was advised.</summary>
    Advised,

    /// <summary>The target was thawed.</summary>
    Thawed,
}
