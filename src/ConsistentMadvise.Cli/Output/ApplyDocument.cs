namespace ConsistentMadvise.Cli;

/// <summary>What <c>apply --json</c> prints.</summary>
/// <param name="Status">A <see cref="HintStatus"/>, or <c>dryRun</c>.</param>
/// <param name="Reason">A <see cref="HintReason"/>.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Message">What happened and what to do, in a sentence; empty if there is nothing to explain.</param>
/// <param name="Pid">The target.</param>
/// <param name="Advice">The advice.</param>
/// <param name="Match">What was compared.</param>
/// <param name="Consistency">How races were handled.</param>
/// <param name="HasRaced">Whether hints of an optimistic attempt may have landed on other memory; also if it was then applied under a freeze.</param>
/// <param name="Freezer">The freezer; <c>none</c> if nothing was frozen.</param>
/// <param name="FreezerReason">Why it was chosen; empty if nothing was frozen.</param>
/// <param name="BytesPlanned">Bytes of the plan.</param>
/// <param name="BytesAdvised">Bytes that the kernel reported; see <see cref="HintOutcome.BytesAdvised"/>.</param>
/// <param name="BytesEmpty">Bytes without pages, which were skipped.</param>
/// <param name="PauseNeededMicroseconds">The pause that the plan needs if the allowed one was too short; otherwise 0.</param>
/// <param name="Windows">How often the target was frozen.</param>
/// <param name="Overruns">How many of them exceeded the maximum pause.</param>
/// <param name="LongestPauseMicroseconds">The longest of them.</param>
/// <param name="TotalPauseMicroseconds">Their sum.</param>
/// <param name="Timings">How long each step took.</param>
/// <param name="Effect">The memory use of the planned ranges before and after; null if nothing was attempted or measured.</param>
/// <param name="Ranges">The outcome of each range; empty if none was attempted.</param>
/// <param name="Changes">What changed, if the plan was stale.</param>
internal sealed record ApplyDocument(
    string Status,
    string Reason,
    int ExitCode,
    string Message,
    int Pid,
    string Advice,
    string Match,
    string Consistency,
    bool HasRaced,
    string Freezer,
    string FreezerReason,
    ulong BytesPlanned,
    ulong BytesAdvised,
    ulong BytesEmpty,
    double PauseNeededMicroseconds,
    int Windows,
    int Overruns,
    double LongestPauseMicroseconds,
    double TotalPauseMicroseconds,
    TimingsDocument Timings,
    EffectDocument? Effect,
    RangeDocument[] Ranges,
    ChangeDocument[] Changes)
{
    public static ApplyDocument Of(HintPlan plan, HintOutcome outcome, HintOptions options) => new(
        JsonName.Of(outcome.Status),
        JsonName.Of(outcome.Reason),
        Cli.ExitCode.Of(outcome),
        outcome.Message,
        plan.Token.Process.Pid,
        plan.Advice.ToString(),
        JsonName.Of(options.Match),
        JsonName.Of(options.Consistency),
        outcome.HasRaced,
        JsonName.OrNone(outcome.Freezer),
        outcome.FreezerReason,
        outcome.BytesPlanned,
        outcome.BytesAdvised,
        outcome.BytesEmpty,
        outcome.PauseNeeded.TotalMicroseconds,
        outcome.Windows,
        outcome.Overruns,
        outcome.LongestPause.TotalMicroseconds,
        outcome.TotalPause.TotalMicroseconds,
        TimingsDocument.Of(outcome.Timings),
        EffectDocument.Of(outcome.Effect),
        [.. outcome.Ranges.Select(RangeDocument.Of)],
        ChangeDocument.Of(outcome.Changes));

    /// <summary>The same document for a dry run.</summary>
    public static ApplyDocument OfDryRun(HintPlan plan, HintOptions options) => new(
        "dryRun",
        JsonName.Of(HintReason.None),
        Cli.ExitCode.Done,
        string.Empty,
        plan.Token.Process.Pid,
        plan.Advice.ToString(),
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
        0,
        0,
        TimingsDocument.Of(default),
        null,
        [.. plan.Ranges.Select(static range => RangeDocument.Of(new RangeOutcome(range, RangeStatus.NotAttempted, 0, 0)))],
        []);
}
