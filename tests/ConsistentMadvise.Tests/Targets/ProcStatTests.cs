using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class ProcStatTests
{
    private const string Tail = " 512 4242 4242 34816 4242 4194304 90 0 0 0 0 0 0 0 20 0 3 0 216984 3297280 96 18446744073709551615 0";

    [Theory]
    [InlineData("sleep")]
    [InlineData("a b")]
    [InlineData(")")]
    [InlineData("((")]
    [InlineData(") Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")]
    [InlineData("x) R 1 (y")]
    [InlineData("\n\t")]
    [InlineData("")]
    public void TryParse_HostileName_IsReadPast(string name)
    {
        Assert.True(ProcStat.TryParse(Encoding.UTF8.GetBytes($"4242 ({name}) S{Tail}\n"), out ProcStat stat));
        Assert.Equal(new ProcStat('S', 512, 4194304, 3, 216984, Group: 4242, HasTerminal: true), stat);
    }

    [Fact]
    public void TryParse_NegativeFields_AreReadPast()
    {
        Assert.True(ProcStat.TryParse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 -5 1 0 7 0 0"u8, out ProcStat stat));
        Assert.Equal((7ul, 1, true, false), (stat.StartTime, stat.Threads, stat.IsKernelThread, stat.HasTerminal));
    }

    [Theory]
    [InlineData('Z', true, false)]
    [InlineData('X', true, false)]
    [InlineData('T', false, true)]
    [InlineData('t', false, true)]
    [InlineData('R', false, false)]
    public void State_Letter_ShowsExitedOrStopped(char state, bool isZombie, bool isStopped)
    {
        Assert.True(ProcStat.TryParse(Encoding.UTF8.GetBytes($"1 (x) {state}{Tail}"), out ProcStat stat));
        Assert.Equal((isZombie, isStopped, false), (stat.IsZombie, stat.IsStopped, stat.IsKernelThread));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 (x")]
    [InlineData("1 (x)")]
    [InlineData("1 (x) ")]
    [InlineData("1 (x) S")]
    [InlineData("1 (x) S x y z")]
    [InlineData("1 (x) S 512 - 4242")]
    [InlineData("1 (x) S 512 99999999999999999999 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(ProcStat.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void TryParse_CutAnywhere_NeverThrowsAndNeedsTheStartTime()
    {
        byte[] text = Encoding.UTF8.GetBytes("4242 (a ) b) S" + Tail);
        int needed = text.AsSpan().IndexOf(" 216984"u8) + 2;
        for (int length = 0; length < text.Length; length++)
        {
            Assert.Equal(length >= needed, ProcStat.TryParse(text.AsSpan(0, length), out _));
        }
    }
}
