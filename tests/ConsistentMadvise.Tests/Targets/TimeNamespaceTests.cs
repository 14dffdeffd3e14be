using System.Text;

namespace ConsistentMadvise.Tests;

/// <summary>The boottime offset that the kernel adds to start times, in ticks rounded down.</summary>
public sealed class TimeNamespaceTests
{
    [Theory]
    [InlineData("monotonic           0         0\nboottime            0         0\n", 0L)]
    [InlineData("monotonic           5         0\nboottime      1000000         0\n", 100_000_000L)]
    [InlineData("boottime           -1 990000000\n", -1L)]
    [InlineData("boottime            1  19999999\n", 101L)]
    [InlineData("1 0 0\n7 3 0\n", 300L)]
    public void TryParse_Offsets_AreTicks(string text, long expected)
    {
        Assert.True(TimeNamespace.TryParse(Encoding.ASCII.GetBytes(text), out long ticks));
        Assert.Equal(expected, ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("monotonic 0 0\n")]
    [InlineData("boottime x 0\n")]
    [InlineData("boottime 5\n")]
    public void TryParse_NoOffset_IsRefused(string text) => Assert.False(TimeNamespace.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(1UL, 2UL, 3UL, true, true)]
    [InlineData(1UL, 3UL, 3UL, false, true)]
    [InlineData(1UL, 4UL, 3UL, false, false)]
    [InlineData(1UL, 2UL, 4UL, false, false)]
    [InlineData(1UL, 2UL, 0UL, true, true)]
    public void IsSameProcess_ToATickOrNot(ulong pid, ulong start, ulong inode, bool isSame, bool isSameToATick)
    {
        ProcessIdentity process = new(1, 2, 3);
        ProcessIdentity other = new((int)pid, start, inode);

        Assert.Equal((isSame, isSameToATick), (process.IsSameProcess(other), process.IsSameProcessToATick(other)));
    }
}
