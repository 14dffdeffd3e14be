using ConsistentMadvise.Cli;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>What <c>doctor</c> shows: it was 280 columns wide, and said what each feature costs that was there.</summary>
public sealed class DoctorReportTests
{
    private static readonly Feature[] Features =
    [
        new("pidfd_open", "5.3", FeatureState.Available, "asked for the own process: success", "nothing works"),
        new("layout sequence", "6.14", FeatureState.NotPermitted, "CAP_BPF and CAP_PERFMON are missing",
            "each recheck and capture reads the whole text; ABA (a VMA unmapped and mapped again with the same line) goes unseen; no match 'sequence', no optimistic hints, no watch"),
        new("freeze guard", "any", FeatureState.Missing, $"journals cannot be kept in /run/{new string('x', 120)}\u001b[31m: EROFS", "freezing by cgroup or signals is refused"),
        new("transparent huge pages", "2.6.38", FeatureState.Unknown, "", "collapse has nothing to make"),
    ];

    [Fact]
    public void Lines_EveryState_AreOfEightyColumns()
    {
        string[] lines = [.. DoctorReport.Lines(Features, Features.Max(static feature => feature.Name.Length)).Select(static line => line.Text)];

        Assert.All(lines, static line => Assert.InRange(line.Length, 1, 80));
        Snapshot.Match(string.Join('\n', lines) + "\n");
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("doctor --short")]
    public async Task Doctor_OfThisMachine_FitsEightyColumnsAndExplainsWhatIsMissing(string command)
    {
        ToolRun run = await ToolRun.OfAsync(command.Split(' '));

        Assert.Equal(0, run.Code);
        string[] lines = run.Output.Split('\n');
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal(
            Capabilities.Probe().Features.Count(static feature => !feature.IsAvailable),
            lines.Count(static line => line.Contains("Without it: ", StringComparison.Ordinal)));
    }
}
