namespace ConsistentMadvise;

/// <summary>How a transaction ended.</summary>
public enum HintStatus
{
    /// <summary>The value of a default <see cref="HintOutcome"/>: no transaction was run. Never success.</summary>
    Unspecified = 0,

    /// <summary>Every range was advised, on the memory that was planned.</summary>
    Applied,

    /// <summary>Part of the plan was advised, on the memory that was planned; <see cref="HintOutcome.Reason"/> says why not all.</summary>
    PartlyApplied,

    /// <summary>The layout is not the one that the plan was made from; nothing was advised.</summary>
    Stale,

    /// <summary>The target did not stop before the deadline; nothing was advised, and it runs again.</summary>
    FreezeTimedOut,

    /// <summary>The process has exited. Bytes advised before that are counted.</summary>
    TargetExited,

    /// <summary>The transaction was not possible or not permitted; nothing was advised.</summary>
    Refused,

    /// <summary>The layout changed while the ranges were advised, or the target runs while a call is still pending; some hints may have landed, or may land, on other memory.</summary>
    Raced,
}
