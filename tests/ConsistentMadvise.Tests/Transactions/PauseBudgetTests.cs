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
    public void Next_TimeIsUpBeforeTheFirstCall_CarriesAQuarterOfThePauseAndEnds()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 40);

        // A quarter of the 36 ms that are planned for, at an eighth of 0.8 bytes in a nanosecond, of which four fifths are used.
        Assert.InRange(budget.Next(now + 50 * Millisecond, isFirst: true), 719_000ul, 720_001ul);
        Assert.Equal(0ul, budget.Next(now + 60 * Millisecond, isFirst: false));
    }

    [Fact]
    public void Next_TimeIsUpInTheWindow_Ends()
    {
        PauseBudget budget = Begun(out long now, milliseconds: 5);

        budget.Next(now, isFirst: true);

        Assert.Equal(0ul, budget.Next(now + 6 * Millisecond, isFirst: false));
    }

    [Fact]
    public void Next_BoundByBytes_IsOneCallOfThem()
    {
        PauseBudget budget = new(TimeSpan.FromSeconds(1), Advice.Cold, mostBytes: Page);

        Assert.Equal((Page, 0ul), (budget.Next(0, isFirst: true), budget.Next(0, isFirst: false)));
    }

    [Theory]
    [InlineData(2, 3, false)] // twice 2 ms of comparing and 3 of holding: less than half of 18
    [InlineData(4, 3, true)]
    [InlineData(1, 12, true)]
    public void IsCostly_LeavesLessThanItCosts_IsTooShortForMoreThanOneWindow(int recheck, int hold, bool isCostly)
    {
        PauseBudget budget = Begun(out long _, milliseconds: 20);
        budget.Frozen(hold * Millisecond);
        budget.Rechecked(recheck * Millisecond);

        Assert.Equal(isCostly, budget.IsCostly(threads: 1000));
        Assert.False(budget.IsTooShort(bytesLeft: Page, threads: 1000, spent: (recheck + hold) * Millisecond));
        Assert.Equal(isCostly, budget.IsCostly(1000) && budget.IsTooShort(1 << 30, 1000, (recheck + hold) * Millisecond));
    }

    [Fact]
    public void IsCostly_FreezeTookLongerThanItsThreadsExplain_IsFalse()
    {
        PauseBudget budget = Begun(out long _, milliseconds: 10);
        budget.Frozen(50 * Millisecond);
        budget.Rechecked(0);

        Assert.False(budget.IsCostly(threads: 10));
        Assert.True(budget.IsCostly(threads: 1000));
    }

    [Fact]
    public void IsCostly_PrecheckAloneIsTooLong_IsKnownBeforeAFreeze()
    {
        PauseBudget budget = Begun(out long _, milliseconds: 10);
        budget.Prechecked(5 * Millisecond);
        Assert.True(budget.IsCostly(threads: 1));

        budget.Prechecked(Millisecond); // the first one waited for a processor
        Assert.False(budget.IsCostly(threads: 1));
    }

    [Fact]
    public void Needed_PauseAskedForAgain_IsNotTooShort()
    {
        PauseBudget budget = Begun(out long _, milliseconds: 10);
        budget.Frozen(9 * Millisecond);
        budget.Rechecked(7 * Millisecond);
        TimeSpan needed = budget.Needed(threads: 500, TimeSpan.Zero);

        PauseBudget again = new(needed, Advice.PageOut);
        again.Frozen(9 * Millisecond);
        again.Rechecked(7 * Millisecond);

        Assert.False(again.IsCostly(threads: 500));
        Assert.InRange(needed.TotalMilliseconds, 46, 100);
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
    public void Next_FastCallAfterASlowOne_GrowsByHalfAsMuchAgain()
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
