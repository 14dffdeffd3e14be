using ConsistentMadvise.Cli;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>The report of a transaction as text.</summary>
public sealed class ApplyReportTests
{
    private static readonly string[] Lines =
        [.. Enumerable.Range(1, 30).Select(static i => $"{i * 0x10000:x8}-{i * 0x10000 + 0x1000:x8} rw-p 00000000 00:00 0 ")];

    private static readonly LayoutSnapshot Layout = TestLayout.Of(Lines);

    private static readonly HintPlan Plan = HintPlan.Create(Layout, Advice.PageOut, VmaFilter.All);

    [Fact]
    public void Show_PartlyApplied_ListsTheFirstThatFailed() => Match(HintOutcome.PartlyApplied(HintReason.SomeRangesFailed, new HintReport
    {
        Message = "Some ranges were skipped or advised only in part.",
        BytesPlanned = Plan.Bytes,
        BytesAdvised = 4096,
        Ranges = [.. Plan.Ranges.Select(static (range, i) => new RangeOutcome(range, i == 0 ? RangeStatus.Advised : RangeStatus.Skipped, i == 0 ? 4096u : 0, i == 0 ? 0 : 22))],
        Effect = new HintEffect(
            new MemoryUse { ResidentBytes = 65536, ExclusiveBytes = 61440 }, new MemoryUse { ResidentBytes = 4096, SwappedBytes = 61440 }, errno: 0),
        Freezer = FreezerKind.Signal,
        FreezerReason = "signal: asked for explicitly",
        Windows = 1,
        LongestPause = TimeSpan.FromMilliseconds(2),
        TotalPause = TimeSpan.FromMilliseconds(2),
    }));

    [Fact]
    public void Lines_EveryAdviceAndError_SaysWhatChanged()
    {
        HintEffect effect = new(new MemoryUse { ResidentBytes = 4 << 20, ExclusiveBytes = 1 << 20, HugeBytes = 0 }, new MemoryUse { ResidentBytes = 4 << 20, HugeBytes = 2 << 20 }, errno: 0);

        Assert.Empty(EffectReport.Lines(null, Advice.Cold));
        Assert.Equal(["The effect could not be measured (errno 13 from /proc/PID/pagemap)."], EffectReport.Lines(new HintEffect(default, default, errno: 13), Advice.Cold));
        Assert.Equal(["Resident 4 MiB before, 4 MiB after, in swap 0 B before, 0 B after, in huge pages 0 B before, 2 MiB after."], EffectReport.Lines(effect, Advice.Collapse));
        Assert.Contains("Of that, 3 MiB was mapped more than once", EffectReport.Lines(effect, Advice.Cold).Last(), StringComparison.Ordinal);
        Assert.Single(EffectReport.Lines(effect, Advice.WillNeed));
    }

    [Fact]
    public void Show_Stale_ListsTheFirstThatMoved() => Match(HintOutcome.Stale(HintReason.LayoutChanged, new HintReport
    {
        Message = "The layout has changed since the plan was made; plan again.",
        BytesPlanned = Plan.Bytes,
        Changes = Layout.DiffTo(TestLayout.Of(Lines[0])),
    }));

    [Fact]
    public void ShowDryRun_PlanWithItsLayout_ListsTheRanges()
    {
        LayoutSnapshot layout = TestLayout.Of(
            "00010000-00020000 rw-p 00000000 00:00 0                                  [heap]",
            "00030000-00032000 r--p 00000000 fe:00 7                                  /lib/\u001b[1mx");
        Match(output => ApplyReport.ShowDryRun(HintPlan.Create(layout, Advice.Cold, VmaFilter.All), HintOptions.Default, output));
    }

    private static void Match(HintOutcome outcome) => Match(output => ApplyReport.Show(Plan, outcome, HintOptions.Default, output));

    private static void Match(Action<CommandOutput> show)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        show(new CommandOutput(output, error, isTerminal: false));
        Snapshot.Match($"{output}--- stderr\n{error}");
    }
}
