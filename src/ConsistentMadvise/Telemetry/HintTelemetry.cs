namespace ConsistentMadvise;

/// <summary>The names of the library's telemetry, for OpenTelemetry's <c>AddMeter</c> and <c>AddSource</c>.</summary>
/// <remarks>
/// Everything is recorded after the target was thawed, never while it is frozen. Each transaction counts once, whether <c>Apply</c>, <c>Advise</c> or an
/// engine ran it. Tags: <see cref="StatusTag"/>, <see cref="AdviceTag"/>, <see cref="FreezerTag"/>, <see cref="ErrorTag"/>. No tag of a metric names a process.
/// </remarks>
public static class HintTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "ConsistentMadvise";

    /// <summary>The name of the activity source. It creates one <see cref="TransactionActivity"/> per transaction.</summary>
    public const string ActivitySourceName = "ConsistentMadvise";

    /// <summary>Counts transactions, with <see cref="StatusTag"/>, <see cref="AdviceTag"/> and, if one threw, <see cref="ErrorTag"/>. Unit <c>{transaction}</c>.</summary>
    public const string Transactions = "consistent_madvise.transactions";

    /// <summary>Adds up the bytes of the plans of transactions, with <see cref="AdviceTag"/>. Unit <c>By</c>.</summary>
    public const string PlannedBytes = "consistent_madvise.memory.planned";

    /// <summary>Adds up the bytes that the kernel reported as advised, with <see cref="AdviceTag"/>. Unit <c>By</c>.</summary>
    public const string AdvisedBytes = "consistent_madvise.memory.advised";

    /// <summary>Distributes the longest pause of each transaction that froze its target, with <see cref="FreezerTag"/>. Unit <c>s</c>.</summary>
    public const string PauseDuration = "consistent_madvise.pause.duration";

    /// <summary>Counts the freezes of crashed engines that a starting engine found, with <see cref="StatusTag"/>: a <c>RecoveryStatus</c>. Unit <c>{freeze}</c>.</summary>
    public const string RecoveredFreezes = "consistent_madvise.freezes.recovered";

    /// <summary>The name of the activity: from before the target is acquired until after it was thawed.</summary>
    public const string TransactionActivity = "consistent_madvise.transaction";

    /// <summary>How it ended: a <see cref="HintStatus"/> in lower case with underscores, <c>cancelled</c>, or <c>failed</c>.</summary>
    public const string StatusTag = "consistent_madvise.status";

    /// <summary>Why it ended so: a <see cref="HintReason"/> in lower case with underscores. On the activity only.</summary>
    public const string ReasonTag = "consistent_madvise.reason";

    /// <summary>The advice, as <see cref="Advice.ToString"/> gives it.</summary>
    public const string AdviceTag = "consistent_madvise.advice";

    /// <summary>The freezer: a <see cref="FreezerKind"/> in lower case.</summary>
    public const string FreezerTag = "consistent_madvise.freezer";

    /// <summary>The pid of the target. On the activity only.</summary>
    public const string TargetTag = "consistent_madvise.target.pid";

    /// <summary>The type of the exception that a transaction threw.</summary>
    public const string ErrorTag = "error.type";
}
