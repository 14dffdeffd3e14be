using System.CommandLine;
using ConsistentMadvise.Cli;
using ConsistentMadvise.Tests.Cli;

namespace ConsistentMadvise.Tests;

/// <summary>A selection of more than a million ranges was "an unexpected error, please report it", and 100,001 options were "expects a single argument".</summary>
public sealed class AMillionRangesWereAnUnexpectedError
{
    [Fact]
    public async Task Plan_MoreOptionsThanTheParserTakes_SaysHowManyItTakes()
    {
        ToolRun run = await ToolRun.OfAsync(["plan", "2147483647", "--advice", "cold", .. Ranges(100_001)]);

        Assert.Equal(2, run.Code);
        Assert.StartsWith("Option '--range' takes at most 100000 values; select less at a time", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_MoreRangesThanAPlanMayHave_IsRefusedWithWhatToDo()
    {
        const ulong Page = 0x1000;
        string[] lines = [.. Enumerable.Range(1, 1_000_001).Select(static i => $"{(ulong)i * 2 * Page:x8}-{((ulong)i * 2 + 1) * Page:x8} rw-p 00000000 00:00 0 ")];
        Selection selection = new();
        Command command = new("plan");
        selection.AddTo(command);
        CommandOutput output = new(TextWriter.Null, TextWriter.Null, isTerminal: false);

        RefusedException refused = Assert.Throws<RefusedException>(
            () => selection.Plan(TestLayout.Of(lines), command.Parse(["--advice", "cold"]), output));

        Assert.Equal("A plan has at most 1000000 ranges; make several plans. Select less at a time, with --filter or --range.", refused.Message);
    }

    private static IEnumerable<string> Ranges(int count) =>
        Enumerable.Range(1, count).SelectMany(static i => (string[])["--range", $"{i * 8192L:x}-{i * 8192L + 4096:x}"]);
}
