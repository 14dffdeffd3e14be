namespace ConsistentMadvise.Cli;

/// <summary>The demo, step by step.</summary>
/// <param name="process">The target, as a process that takes commands.</param>
/// <param name="target">The target, as the library sees it.</param>
/// <param name="output">The output; null for none.</param>
internal sealed class DemoStory(DemoTarget process, ProcessTarget target, CommandOutput? output)
{
    /// <remarks>Uses long timeouts for busy machines: freeze timeouts are not the subject.</remarks>
    private static readonly HintOptions Options = new() { FreezeTimeout = TimeSpan.FromSeconds(10) };

    private readonly bool _hasSwap = HasRoom();

    public async Task<DemoDocument> TellAsync(CancellationToken cancellationToken)
    {
        string size = Sizes.Show(DemoFile.Bytes);
        Say($"1. Process {target.Pid} maps a file of {size}, and has {size} of anonymous memory.");
        Say(_hasSwap ? "   Both will be paged out." : $"   Anonymous memory needs {size} of free swap to leave, which is not there: only the file's pages will be paged out.");

        HintPlan plan = await PlanAsync("2.", cancellationToken).ConfigureAwait(false);
        ulong before = await Residency.ReadAsync(target.Pid, plan.Ranges, plan.Bytes, cancellationToken).ConfigureAwait(false);
        HintOutcome applied = target.Apply(plan, Options, cancellationToken);
        ulong after = Residency.Read(target.Pid, plan.Ranges);
        Say($"3. {applied}");
        Say($"   Frozen by {JsonName.OrNone(applied.Freezer)} (ptrace is not for children of a .NET process): {Sizes.Count(applied.Windows, "window")}, longest pause {Durations.Show(applied.LongestPause)}.");
        Say($"   In memory before: {Sizes.Show(before)}, now: {Sizes.Show(after)} (Rss in /proc/{target.Pid}/smaps).");

        // Swap can be filled or removed by others meanwhile: anonymous memory stays then, and that is no fault.
        bool isSwapGone = _hasSwap && after > before / 4 && !HasRoom();
        if (isSwapGone)
        {
            Say("   Swap was filled or removed meanwhile: anonymous memory stays.");
        }

        ulong stays = isSwapGone ? (ulong)DemoFile.Bytes : 0;
        bool hasLeft = applied.Status == HintStatus.Applied && applied.BytesAdvised == plan.Bytes && before >= plan.Bytes / 4 * 3 && after <= stays + (before - stays) / 4;

        HintPlan second = await PlanAsync("4.", cancellationToken).ConfigureAwait(false);
        await process.ReplaceFileAsync(cancellationToken).ConfigureAwait(false);
        LayoutSnapshot now = await target.CaptureLayoutAsync(cancellationToken).ConfigureAwait(false);
        AddressRange[] replacement = now.TryFind(process.File, out Vma vma) ? [vma.Range] : [];
        string place = second.Ranges.Any(range => range.Overlaps(vma.Range)) ? "where that was" : "elsewhere";
        Say($"5. The target unmaps the file and maps another one {place}: {vma}");
        ulong beforeStale = await Residency.ReadAsync(target.Pid, replacement, (ulong)DemoFile.Bytes, cancellationToken).ConfigureAwait(false);
        HintOutcome stale = target.Apply(second, Options, cancellationToken);
        ulong afterStale = await Residency.ReadAsync(target.Pid, replacement, beforeStale, cancellationToken).ConfigureAwait(false);
        Say($"6. {stale}, {Sizes.Count(stale.Windows, "freeze")}. {stale.Message} What changed:");
        if (output is not null)
        {
            ApplyReport.ShowChanges(stale.Changes, output);
        }

        Say($"   Of the other file in memory before: {Sizes.Show(beforeStale)}, now: {Sizes.Show(afterStale)}.");
        bool isRejected = stale.Status == HintStatus.Stale && stale.BytesAdvised == 0 && stale.Changes.Count > 0
            && beforeStale >= DemoFile.Bytes / 4 * 3 && afterStale >= beforeStale;
        bool held = hasLeft && isRejected;
        Say(held ? "The matching plan was applied, the stale one was not." : "THE DEMO DID NOT GO AS EXPECTED; please report it, with the output of 'cmadvise doctor'.");
        return new DemoDocument(held, target.Pid, before, after, ApplyDocument.Of(plan, applied, Options), ApplyDocument.Of(second, stale, Options));
    }

    private async Task<HintPlan> PlanAsync(string step, CancellationToken cancellationToken)
    {
        LayoutSnapshot layout = await target.CaptureLayoutAsync(cancellationToken).ConfigureAwait(false);
        HintPlan plan = HintPlan.Create(layout, Advice.PageOut, vma => vma.Range.Contains(process.File) || (_hasSwap && vma.Range.Contains(process.Anonymous)));
        Say($"{step} Snapshot of {layout.Count} VMAs, and a plan: {plan.Advice} of {Sizes.Show(plan.Bytes)} in {Sizes.Count(plan.Ranges.Count, "range")}.");
        Say($"   Token {plan.Token}");
        return plan;
    }

    private static bool HasRoom() => SwapSpace.ReadFree() >= DemoFile.Bytes;

    private void Say(string text) => output?.Line(text);
}
