namespace ConsistentMadvise.Cli;

/// <summary>What <c>apply --json</c> prints.</summary>
/// <param name="Status">A <see cref="HintStatus"/>, or <c>dryRun</c>.</param>
/// <param name="Reason">A <see cref="HintReason"/>.</param>
/// <param name="Match">What was compared.</param>
/// <param name="Consistency">What was done about races.</param>
/// <param name="HasRaced">Whether hints of an optimistic attempt may have landed on other memory; also when it was applied once more under a freeze.</param>
/// <param name="Freezer">What froze the target; <c>none</c> when nothing did.</param>
/// <param name="FreezerReason">Why that one; empty when nothing was frozen.</param>
/// <param name="BytesPlanned">Bytes of the plan.</param>
/// <param name="BytesAdvised">Bytes that the kernel reported; see <see cref="HintOutcome.BytesAdvised"/>.</param>
/// <param name="Windows">How often the target was frozen.</param>
/// <param name="Overruns">How many of them were longer than asked for.</param>
/// <param name="LongestPauseMicroseconds">The longest of them.</param>
/// <param name="TotalPauseMicroseconds">Their sum.</param>
/// <param name="Ranges">What became of each range; empty when none was attempted.</param>
/// <param name="Changes">What moved, when the plan was stale.</param>
internal sealed record ApplyDocument(
    string Status,
    string Reason,
    string Match,
    string Consistency,
    bool HasRaced,
    string Freezer,
    string FreezerReason,
    ulong BytesPlanned,
    ulong BytesAdvised,
    int Windows,
    int Overruns,
    double LongestPauseMicroseconds,
    double TotalPauseMicroseconds,
    RangeDocument[] Ranges,
    ChangeDocument[] Changes)
{
    public static ApplyDocument Of(HintOutcome outcome, HintOptions options) => new(
        JsonName.Of(outcome.Status),
        JsonName.Of(outcome.Reason),
        JsonName.Of(options.Match),
        JsonName.Of(options.Consistency),
        outcome.HasRaced,
        outcome.Freezer == FreezerKind.Auto ? "none" : JsonName.Of(outcome.Freezer),
        outcome.FreezerReason,
        outcome.BytesPlanned,
        outcome.BytesAdvised,
        outcome.Windows,
        outcome.Overruns,
        outcome.LongestPause.TotalMicroseconds,
        outcome.TotalPause.TotalMicroseconds,
        [.. outcome.Ranges.Select(RangeDocument.Of)],
        ChangeDocument.Of(outcome.Changes));

    /// <summary>The same shape for what would be done.</summary>
    public static ApplyDocument OfDryRun(HintPlan plan, HintOptions options) => new(
        "dryRun",
        JsonName.Of(HintReason.None),
        JsonName.Of(options.Match),
        JsonName.Of(options.Consistency),
        false,
        "none",
        string.Empty,
        plan.Bytes,
        0,
        0,
        0,
        0,
        0,
        [.. plan.Ranges.Select(static range => RangeDocument.Of(new RangeOutcome(range, RangeStatus.NotAttempted, 0, 0)))],
        []);
}
