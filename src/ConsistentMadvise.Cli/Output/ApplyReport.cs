using System.Globalization;
using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary>Tells how a transaction ended.</summary>
internal static class ApplyReport
{
    /// <summary>People are shown so many lines of a list; JSON has all.</summary>
    private const int MaxRows = 20;

    public static void Show(HintPlan plan, HintOutcome outcome, HintOptions options, bool isJson, CommandOutput output)
    {
        if (isJson)
        {
            output.Json(ApplyDocument.Of(outcome, options), JsonContext.Default.ApplyDocument);
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

    public static void ShowDryRun(HintPlan plan, HintOptions options, bool isJson, CommandOutput output)
    {
        if (isJson)
        {
            output.Json(ApplyDocument.OfDryRun(plan, options), JsonContext.Default.ApplyDocument);
            return;
        }

        Table table = CommandOutput.NewTable("Addresses", ">Size", "Perm", "Path");
        foreach (AddressRange range in plan.Ranges)
        {
            Vma vma = default;
            bool isKnown = plan.Layout is { } layout && layout.TryFind(range.Start, out vma);
            table.AddRow(
                CommandOutput.Cell(range.ToString()),
                CommandOutput.Cell(Sizes.Show(range.Length)),
                CommandOutput.Cell(isKnown ? vma.PermissionText : string.Empty),
                CommandOutput.Cell(isKnown ? vma.Name : string.Empty));
        }

        output.Rows(table);
        output.Line(string.Create(CultureInfo.InvariantCulture,
            $"Would advise {plan.Advice} for {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")} of process {plan.Token.Process.Pid}: consistency {JsonName.Of(options.Consistency)}, match {JsonName.Of(options.Match)}, freezer {JsonName.Of(options.Freezer)}, pause at most {Durations.Show(options.MaxPause)}."));
    }

    /// <summary>Lists what moved.</summary>
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
        output.Line(string.Create(CultureInfo.InvariantCulture,
            $"{Title(outcome.Status)}: {plan.Advice} of {Sizes.Show(outcome.BytesAdvised)} out of {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")} of process {plan.Token.Process.Pid}."));
        if (outcome is { HasRaced: true, Status: not HintStatus.Raced })
        {
            output.Line("An optimistic attempt before it had raced: some of its hints may have landed on other memory.");
        }

        if (outcome.Windows > 0)
        {
            output.Line(string.Create(CultureInfo.InvariantCulture,
                $"Frozen by {JsonName.Of(outcome.Freezer)} in {Sizes.Count(outcome.Windows, "window")}: longest pause {Durations.Show(outcome.LongestPause)} (budget {Durations.Show(options.MaxPause)}{Overran(outcome)}), in all {Durations.Show(outcome.TotalPause)}."));
            output.Line($"Freezer {outcome.FreezerReason}.");
        }

        ShowFailed(outcome, output);
        if (outcome.Changes.Count != 0)
        {
            output.Line("What moved:");
            ShowChanges(outcome.Changes, output);
        }
    }

    private static string Overran(HintOutcome outcome) => outcome.Overruns == 0 ? string.Empty : $", exceeded by {Sizes.Count(outcome.Overruns, "window")}";

    private static void ShowFailed(HintOutcome outcome, CommandOutput output)
    {
        RangeOutcome[] failed = [.. outcome.Ranges.Where(static range => range.Status != RangeStatus.Advised)];
        if (failed.Length == 0)
        {
            return;
        }

        Table table = CommandOutput.NewTable("Addresses", ">Size", ">Advised", "Status", "Errno");
        foreach (RangeOutcome range in failed.Take(MaxRows))
        {
            table.AddRow(
                CommandOutput.Cell(range.Range.ToString()),
                CommandOutput.Cell(Sizes.Show(range.Range.Length)),
                CommandOutput.Cell(Sizes.Show(range.BytesAdvised)),
                CommandOutput.Cell(JsonName.Of(range.Status)),
                CommandOutput.Cell(range.Errno.ToString(CultureInfo.InvariantCulture)));
        }

        output.Rows(table);
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
