using System.Diagnostics;

namespace ConsistentMadvise.Tests;

public sealed class PauseBudgetTests
{
    private static readonly long Millisecond = Stopwatch.Frequency / 1000;
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    [Fact]
    public void Next_NoBound_CarriesEverything() =>
        Assert.Equal(ulong.MaxValue, new PauseBudget(Timeout.InfiniteTimeSpan, Advice.PageOut).Next(0, isFirst: true));

    [Fact]
    public void Next_TimeIsUp_EndsTheWindowAfterItsFirstCall()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 5);

        Assert.Equal(Page, budget.Next(now + 6 * Millisecond, isFirst: true));
        Assert.Equal(0ul, budget.Next(now + 6 * Millisecond, isFirst: false));
    }

    [Fact]
    public void Next_UntouchedMemoryCameFirst_DoesNotTrustItsRate()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 5);
        for (int call = 0; call < 100; call++)
        {
            budget.Advised(64ul << 30, Millisecond / 1000);
        }

        // 5 ms of touched memory at best: 0.8 bytes in a nanosecond.
        Assert.InRange(budget.Next(now, isFirst: false), 1ul, 4_000_000ul);
    }

    [Fact]
    public void Next_SlowCall_CountsAtOnce()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 10);
        budget.Advised(1_000_000, 10 * Millisecond); // 100 bytes in a microsecond

        Assert.InRange(budget.Next(now, isFirst: false), 700_000ul, 800_000ul);
    }

    [Fact]
    public void Next_FastCallBehindASlowOne_GrowsByHalfAsMuchAgain()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 10);
        budget.Advised(1_000_000, 10 * Millisecond);
        ulong before = budget.Next(now, isFirst: false);
        budget.Advised(1_000_000, Millisecond);

        Assert.InRange(budget.Next(now, isFirst: false), before * 3 / 2 - 1, before * 3 / 2 + 1);
    }

    [Fact]
    public void Next_ThawTookLong_LeavesTimeForIt()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 10);
        ulong before = budget.Next(now, isFirst: false);
        budget.Thawed(Millisecond * 9 / 2); // half of the 9 that are planned for

        Assert.InRange(budget.Next(now, isFirst: false), before / 2 - 1, before / 2 + 1);
    }

    private static PauseBudget Begun(out long now, int milliseconds)
    {
        PauseBudget budget = new(TimeSpan.FromMilliseconds(milliseconds), Advice.PageOut);
        now = Stopwatch.GetTimestamp();
        budget.Begin(now);
        return budget;
    }
}
