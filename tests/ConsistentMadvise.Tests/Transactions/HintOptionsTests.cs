namespace ConsistentMadvise.Tests;

public sealed class HintOptionsTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(10, 50)]
    [InlineData(20, 100)]
    [InlineData(60, 100)]
    [InlineData(500, 500)]
    [InlineData(-1, 100)] // no bound
    public void FreezeTimeout_NotSet_FollowsFromTheMaxPause(int maxPause, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), new HintOptions { MaxPause = TimeSpan.FromMilliseconds(maxPause) }.FreezeTimeout);

    [Fact]
    public void FreezeTimeout_Set_StaysWhatItIs()
    {
        HintOptions options = new() { FreezeTimeout = TimeSpan.FromSeconds(3) };

        Assert.Equal(TimeSpan.FromSeconds(3), (options with { MaxPause = TimeSpan.FromMilliseconds(1) }).FreezeTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(50), HintOptions.Default.FreezeTimeout);
    }

    [Fact]
    public void FreezeTimeout_LongestPauseThereIs_DoesNotOverflow() =>
        Assert.Equal(TimeSpan.MaxValue, new HintOptions { MaxPause = TimeSpan.MaxValue }.FreezeTimeout);
}
