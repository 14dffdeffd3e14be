using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Reports how a transaction ended.</summary>
internal static class ApplyReport
{
    /// <summary>The maximum lines of a list in text; JSON has all.</summary>
    private const int MaxRows = 20;

    public static void Show(HintPlan plan, HintOutcome outcome, HintOptions options, CommandOutput output)
    {
        if (output.IsJson)
        {
            output.Json(ApplyDocument.Of(plan, outcome, options), JsonContext.Default.ApplyDocument);
        }
        else
        {
            ShowText(plan, outcome, options, output);
        }

        if (outcome.Message.Length != 0)
        {
            output.Message(outcome.Message);
        }
    }

    /// <summary>The status in a sentence.</summary>
    public static string Summary(HintPlan plan, HintOutcome outcome) => string.Create(CultureInfo.InvariantCulture,
        $"{Title(outcome.Status)}: {plan.Advice} of {Sizes.Show(outcome.BytesAdvised)} out of {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")} of process {plan.Token.Process.Pid}.");

    public static void ShowDryRun(HintPlan plan, HintOptions options, CommandOutput output)
    {
        if (output.IsJson)
        {
            output.Json(ApplyDocument.OfDryRun(plan, options), JsonContext.Default.ApplyDocument);
            return;
        }

        LayoutSnapshot? layout = plan.Layout;
        output.Rows(plan.Ranges,
            new Column<AddressRange>("Addresses", static range => range.ToString()),
            new Column<AddressRange>(">Size", static range => Sizes.Show(range.Length)),
            new Column<AddressRange>("Perm", range => layout is not null && layout.TryFind(range.Start, out Vma vma) ? vma.GetPermissionText() : string.Empty),
            new Column<AddressRange>("Path", range => layout is not null && layout.TryFind(range.Start, out Vma vma) ? vma.GetName() : string.Empty));
        output.Line(string.Create(CultureInfo.InvariantCulture,
            $"Would advise {plan.Advice} for {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")} of process {plan.Token.Process.Pid}: consistency {JsonName.Of(options.Consistency)}, match {JsonName.Of(options.Match)}, freezer {JsonName.Of(options.Freezer)}, pause at most {Durations.Show(options.MaxPause)}."));
    }

    /// <summary>Lists the changes.</summary>
    public static void ShowChanges(LayoutDiff changes, CommandOutput output)
    {
        foreach (LayoutChange change in changes.Take(MaxRows))
        {
            output.Line($"  {change}");
        }

        ShowRest(changes.Count, output);
    }

    private static void ShowText(HintPlan plan, HintOutcome outcome, HintOptions options, CommandOutput output)
    {
        output.Line(Summary(plan, outcome));
        if (outcome.BytesEmpty != 0)
        {
            output.Line($"{Sizes.Show(outcome.BytesEmpty)} of it had no pages, and was skipped.");
        }

        foreach (string line in EffectReport.Lines(outcome.Effect, plan.Advice))
        {
            output.Line(line);
        }

        if (outcome is { HasRaced: true, Status: not HintStatus.Raced })
        {
            output.Line("An optimistic attempt raced first: some of its hints may have landed on other memory.");
        }

        if (outcome.Timings.Collections > TimeSpan.Zero)
        {
            output.Line($"Garbage collections of this command took {Durations.Show(outcome.Timings.Collections)} of it.");
        }

        if (outcome.Windows > 0)
        {
            output.Line(string.Create(CultureInfo.InvariantCulture,
                $"Frozen by {JsonName.OrNone(outcome.Freezer)} in {Sizes.Count(outcome.Windows, "window")}: longest pause {Durations.Show(outcome.LongestPause)} (budget {Durations.Show(options.MaxPause)}{Overran(outcome)}), in all {Durations.Show(outcome.TotalPause)}."));
            output.Line($"Freezer {outcome.FreezerReason}.");
        }

        ShowFailed(outcome, output);
        if (outcome.Changes.Count != 0)
        {
            output.Line("What changed:");
            ShowChanges(outcome.Changes, output);
        }
    }

    private static string Overran(HintOutcome outcome) => outcome.Overruns == 0 ? string.Empty : $", exceeded by {Sizes.Count(outcome.Overruns, "window")}";

    private static void ShowFailed(HintOutcome outcome, CommandOutput output)
    {
        RangeOutcome[] failed = [.. outcome.Ranges.Where(static range => range.Status is not (RangeStatus.Advised or RangeStatus.Empty))];
        if (failed.Length == 0)
        {
            return;
        }

        output.Rows(failed[..Math.Min(failed.Length, MaxRows)],
            new Column<RangeOutcome>("Addresses", static range => range.Range.ToString()),
            new Column<RangeOutcome>(">Size", static range => Sizes.Show(range.Range.Length)),
            new Column<RangeOutcome>(">Advised", static range => Sizes.Show(range.BytesAdvised)),
            new Column<RangeOutcome>("Status", static range => JsonName.Of(range.Status)),
            new Column<RangeOutcome>("Errno", static range => range.Errno.ToString(CultureInfo.InvariantCulture)));
        ShowRest(failed.Length, output);
    }

    private static void ShowRest(int count, CommandOutput output)
    {
        if (count > MaxRows)
        {
            output.Line(string.Create(CultureInfo.InvariantCulture, $"  ... and {count - MaxRows} more; --json lists all."));
        }
    }

    private static string Title(HintStatus status) => status switch
    {
        HintStatus.PartlyApplied => "Partly applied",
        HintStatus.FreezeTimedOut => "Freeze timed out",
        HintStatus.TargetExited => "Target exited",
        _ => status.ToString(),
    };
}
