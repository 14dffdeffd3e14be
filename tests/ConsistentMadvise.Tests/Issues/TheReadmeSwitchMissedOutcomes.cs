using System.Runtime.CompilerServices;
using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests;

/// <summary>The README's <c>switch</c> had no <c>Raced</c> and no default, no word of the exception, and nothing said how to get the command.</summary>
public sealed class TheReadmeSwitchMissedOutcomes
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../README.md"));

    [Fact]
    public void Readme_EveryStatus_IsInItsSwitch()
    {
        Assert.All(
            Enum.GetValues<HintStatus>().Where(static status => status != HintStatus.Unspecified),
            static status => Assert.Contains($"HintStatus.{status}", Text, StringComparison.Ordinal));
        Assert.Contains("default:", Text, StringComparison.Ordinal);
        Assert.Contains($"catch ({nameof(TargetMayBeFrozenException)} ", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Readme_Command_SaysHowItIsObtainedAndHowItEnds()
    {
        Assert.Contains("dotnet publish src/ConsistentMadvise.Cli -c Release -r linux-x64", Text, StringComparison.Ordinal);
        Assert.All([ExitCode.Stale, ExitCode.Cancelled, ExitCode.ReaderGone], static code => Assert.Contains($"· {code} ", Text, StringComparison.Ordinal));
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
