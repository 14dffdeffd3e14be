using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

public sealed class SwapSpaceTests
{
    [Theory]
    [InlineData("SwapFree:         1048572 kB", 1_073_737_728)]
    [InlineData("SwapFree:               0 kB", 0)]
    [InlineData("SwapTotal:        1048572 kB", 0)]
    [InlineData("SwapFree: many", 0)]
    public void Parse_LineOfMeminfo_IsItsBytes(string line, ulong bytes) => Assert.Equal(bytes, SwapSpace.Parse(["MemTotal: 1 kB", line]));
}
