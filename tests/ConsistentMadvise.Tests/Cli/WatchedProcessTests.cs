using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>What watch takes from /proc, where a process chooses its own name.</summary>
public sealed class WatchedProcessTests
{
    private const string Rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20 21\n";

    [Theory]
    [InlineData("bash")]
    [InlineData("a) R 1 (b")]
    [InlineData("")]
    [InlineData("x\ny\u001b")]
    public void TryParse_AnyName_IsTheNameAndTheStartTime(string given)
    {
        Assert.True(WatchedProcess.TryParse($"42 ({given}) {Rest}", out string? name, out ulong start));
        Assert.Equal((given, 987654ul), (name, start));
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 bash S 1")]
    [InlineData("42 (bash) S 1 2")]
    [InlineData("42 )bash( S 1 2")]
    public void TryParse_NoStatLine_IsFalse(string text) => Assert.False(WatchedProcess.TryParse(text, out _, out _));

    [Fact]
    public void Parse_Status_IsResidentAndAnonymous() => Assert.Equal(
        new WatchedMemory(7000 * 1024, 3000 * 1024),
        WatchedMemory.Parse("Name:\tVmRSS:\\n1 kB\nVmRSS:\t    7000 kB\nRssAnon:\t    3000 kB\nRssFile:\t    4000 kB\n"));

    [Fact]
    public void Parse_StatusWithoutMemory_IsNull() => Assert.Null(WatchedMemory.Parse("Name:\tkthreadd\nState:\tS (sleeping)\n"));
}
