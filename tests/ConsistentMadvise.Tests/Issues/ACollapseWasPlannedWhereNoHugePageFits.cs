using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.Tests;

/// <summary>A collapse was planned, cut and counted by the page: pieces without a whole aligned huge page succeed and do nothing, and were counted as advised.</summary>
public sealed class ACollapseWasPlannedWhereNoHugePageFits
{
    private const ulong Base = 0x7f00_0000_0000; // aligned to any huge page

    private static readonly ulong Huge = HugePage.Bytes;
    private static readonly ulong Page = TestGen.Page;

    [Fact]
    public void Create_Collapse_PlansWholeHugePagesAndLeavesOutVmasThatHoldNone()
    {
        LayoutSnapshot layout = TestLayout.Of(
            Line(Base + Page, Base + 3 * Huge + Page, "rw-p 00000000 00:00 0 "),
            Line(Base + 4 * Huge - Page, Base + 5 * Huge - Page, "rw-p 00000000 00:00 0 "), // one huge page long, and holds none
            Line(Base + 8 * Huge, Base + 10 * Huge, "rw-p 00000000 00:00 0 "));

        HintPlan plan = HintPlan.Create(layout, Advice.Collapse, VmaFilter.All);

        Assert.Equal([new AddressRange(Base + Huge, Base + 3 * Huge), new AddressRange(Base + 8 * Huge, Base + 10 * Huge)], plan.Ranges);
        Assert.Equal([layout[0].Range, layout[2].Range], plan.Vmas.Select(static vma => vma.Range));
        Assert.Equal(4 * Huge, plan.Bytes);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Create_CollapseOfAFile_NeedsAddressAndOffsetToAgree(ulong pages, bool fits)
    {
        LayoutSnapshot layout = TestLayout.Of(Line(Base, Base + 2 * Huge, $"r-xp {Huge + pages * Page:x8} fe:00 7                          /bin/x"));

        Assert.Equal(fits ? 1 : 0, HintPlan.Create(layout, Advice.Collapse, VmaFilter.All).Ranges.Count);
    }

    [Fact]
    public void TryCreate_RangesWithoutAHugePage_SaysSo()
    {
        LayoutSnapshot layout = TestLayout.Of(Line(Base, Base + 2 * Huge, "rw-p 00000000 00:00 0 "));

        Assert.False(HintPlan.TryCreate(layout, Advice.Collapse, [new AddressRange(Base + Page, Base + Huge)], out _, out string? reason));

        Assert.Contains("no whole huge page", reason, StringComparison.Ordinal);
        Assert.Empty(HintPlan.Create(layout, Advice.Collapse, []).Ranges);
    }

    [Fact]
    public void FromJson_CollapseOfPartsOfHugePages_IsNoPlan()
    {
        LayoutSnapshot layout = TestLayout.Of(Line(Base, Base + 2 * Huge, "rw-p 00000000 00:00 0 "));
        string json = HintPlan.Create(layout, Advice.Cold, [new AddressRange(Base, Base + Huge + Page)]).ToJson();

        Assert.True(HintPlan.TryFromJson(json, out _, out _));
        Assert.False(HintPlan.TryFromJson(json.Replace("\"cold\"", "\"collapse\"", StringComparison.Ordinal), out _, out string? reason));
        Assert.Contains("must consist of whole huge pages", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Ledger_OneUnitFails_GoesOnAfterItAndCountsTheOthers()
    {
        LayoutSnapshot layout = TestLayout.Of(Line(Base, Base + 8 * Huge, "rw-p 00000000 00:00 0 "));
        HintPlan plan = HintPlan.Create(layout, Advice.Collapse, VmaFilter.All);
        HintLedger ledger = new(plan, new PlanRemainder(plan), new TransactionScratch());

        // Of 8 units the third and the fourth cannot be made; no call may carry more than 3.
        List<ulong> made = [];
        while (!ledger.IsDone)
        {
            ledger.Cut(3 * Huge + Page);
            Assert.True(ledger.Record(Answer(ledger.Batch, made, out long advised), advised));
        }

        RangeOutcome range = Assert.Single(ledger.Close(out bool isComplete));
        Assert.Equal([0, 1, 4, 5, 6, 7], made);
        Assert.Equal((6 * Huge, 6 * Huge, false), (ledger.BytesAdvised, range.BytesAdvised, isComplete));
        Assert.Equal((RangeStatus.Incomplete, Errno.EINVAL.Value), (range.Status, range.Errno));
    }

    [Fact]
    public void Ledger_NoHugePageIsFree_HasAdvisedNothing()
    {
        LayoutSnapshot layout = TestLayout.Of(Line(Base, Base + 2 * Huge, "rw-p 00000000 00:00 0 "));
        HintPlan plan = HintPlan.Create(layout, Advice.Collapse, VmaFilter.All);
        HintLedger ledger = new(plan, new PlanRemainder(plan), new TransactionScratch());
        while (!ledger.IsDone)
        {
            ledger.Cut(ulong.MaxValue);
            Assert.True(ledger.Record(Errno.ENOMEM, -1));
        }

        Assert.False(ledger.HasAdvised);
        Assert.Equal(RangeStatus.Failed, Assert.Single(ledger.Close(out _)).Status);
    }

    [Fact]
    public void Inside_TheEndOfTheAddressSpace_DoesNotWrap()
    {
        Assert.True(HugePage.Inside(new AddressRange(ulong.MaxValue - Page + 1, ulong.MaxValue), Huge).IsEmpty);
        Assert.True(HugePage.Inside(new AddressRange(Base + 1, Base + Huge), Huge).IsEmpty);
        Assert.Equal(new AddressRange(Base, Base + Huge), HugePage.Inside(new AddressRange(Base, Base + Huge + 1), Huge));
    }

    private static unsafe Errno Answer(ReadOnlySpan<iovec> batch, List<ulong> made, out long advised)
    {
        advised = 0;
        foreach (ref readonly iovec part in batch)
        {
            Assert.Equal(Huge, (ulong)part.iov_len);
            ulong unit = ((ulong)part.iov_base - Base) / Huge;
            if (unit is 2 or 3)
            {
                break;
            }

            made.Add(unit);
            advised += (long)Huge;
        }

        bool hasMade = advised > 0;
        advised = hasMade ? advised : -1;
        return hasMade ? Errno.None : Errno.EINVAL;
    }

    private static string Line(ulong start, ulong end, string rest) => $"{start:x8}-{end:x8} {rest}";
}
