using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("5ms", 50_000)]
    [InlineData("250us", 2_500)]
    [InlineData("1s", 10_000_000)]
    [InlineData("1.5ms", 15_000)]
    [InlineData("0.1us", 1)]
    [InlineData(".5s", 5_000_000)]
    [InlineData("86400s", 864_000_000_000)]
    public void Parse_NumberAndUnit_IsThatLong(string text, long ticks)
    {
        Assert.Null(Durations.Parse(text, out TimeSpan time));
        Assert.Equal(ticks, time.Ticks);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("infinite")]
    public void Parse_NoBound_IsInfinite(string text)
    {
        Assert.Null(Durations.Parse(text, out TimeSpan time));
        Assert.Equal(Timeout.InfiniteTimeSpan, time);
    }

    [Theory]
    [InlineData("5", "'5' has no unit; write 5ms, 5us or 5s.")]
    [InlineData("5m", "'m' is not a unit of time; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("5 ms", "' ms' is not a unit of time; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("5MS", "'MS' is not a unit of time; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("", "'' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("ms", "'ms' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("-5ms", "'-5ms' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("1.2.3ms", "'1.2.3ms' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("1/2ms", "'1/2ms' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("0ms", "'0ms' is not above zero; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("0.01us", "'0.01us' is not above zero; write it as in 5ms, 250us, 1s, or none for no limit.")]
    [InlineData("86401s", "'86401s' is longer than a day; write none for no limit.")]
    [InlineData("99999999999999999999999999999999999999s", "'99999999999999999999999999999999999999s' is not a duration; write it as in 5ms, 250us, 1s, or none for no limit.")]
    public void Parse_AnythingElse_SaysWhatToWrite(string text, string problem) => Assert.Equal(problem, Durations.Parse(text, out _));

    [Theory]
    [InlineData(2_500, "250 us")]
    [InlineData(12_345, "1.23 ms")]
    [InlineData(100_000, "10 ms")]
    [InlineData(15_000_000, "1.5 s")]
    public void Show_Time_HasTheUnitThatFits(long ticks, string text) => Assert.Equal(text, Durations.Show(new TimeSpan(ticks)));
}
