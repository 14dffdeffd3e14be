using CsCheck;
using Tmds.Linux;

namespace ConsistentMadvise.Tests;

public sealed class BatchCutterTests
{
    private const ulong HugePage = 2 * 1024 * 1024;

    private static readonly ulong Page = TestGen.Page;

    /// <summary>Ranges of up to 6 MiB with gaps, some of which touch, none empty.</summary>
    private static readonly Gen<AddressRange[]> Ranges = Gen.Select(Gen.ULong[0, 600], Gen.OneOf(Gen.ULong[1, 4], Gen.ULong[1, 1536])).Array[0, 12].Select(Place);

    private static readonly Gen<(AddressRange[] Ranges, int Length, ulong MaxBytes)> Work =
        Gen.Select(Ranges, Gen.Int[1, 5], Gen.OneOf(Gen.ULong[0, 10 * HugePage], Gen.ULong[0, 10 * Page], Gen.Const(ulong.MaxValue)));

    [Fact]
    public void Limits_ThisMachine_AreTheKernels()
    {
        Assert.Equal(1024, BatchCutter.MaxRanges);
        Assert.Equal(Page == 4096 ? 0x7fff_f000ul : 0x8000_0000ul - Page, BatchCutter.MaxBytes);
    }

    [Fact]
    public void Cut_AnyRangesAndLimits_GivesEveryByteOnceInOrderAndHoldsTheLimits() =>
        Work.Sample(static (ranges, length, maxBytes) =>
        {
            BatchCursor at = default;
            List<AddressRange> all = [];
            while (true)
            {
                AddressRange[] batch = Cut(ranges, at, length, maxBytes, out ulong bytes);
                if (batch.Length == 0)
                {
                    break;
                }

                Assert.InRange(batch.Length, 1, length);
                Assert.InRange(bytes, Page, Math.Max(Page, Math.Min(maxBytes, BatchCutter.MaxBytes)));
                AssertCutsAreAligned(ranges, batch, maxBytes);
                all.AddRange(batch);
                at = BatchCutter.Advance(ranges, at, bytes);
            }

            Assert.Equal(new BatchCursor(ranges.Length, 0), at);
            Assert.Equal(Merge(ranges), Merge(all));
            Assert.Equal(Sum(ranges), Sum(all));
        }, iter: 3_000);

    [Fact]
    public void Advance_ShortCount_GoesOnWhereTheKernelStopped() =>
        Gen.Select(Work, Gen.Int).Sample(static (work, seed) =>
        {
            Random random = new(seed);
            (AddressRange[] ranges, int length, ulong maxBytes) = work;
            BatchCursor at = default;
            List<AddressRange> all = [];
            while (Cut(ranges, at, length, maxBytes, out _) is { Length: > 0 } batch)
            {
                // The kernel counts whole ranges of the vector.
                AddressRange[] done = batch[..random.Next(1, batch.Length + 1)];
                all.AddRange(done);
                at = BatchCutter.Advance(ranges, at, Sum(done));
            }

            Assert.Equal(Merge(ranges), Merge(all));
            Assert.Equal(Sum(ranges), Sum(all));
        }, iter: 1_000);

    [Fact]
    public void Cut_RangeLargerThanACall_IsCutAtAHugePage()
    {
        AddressRange[] ranges = [new(0x7f00_0000_1000, 0x7f00_0000_1000 + 5ul * 1024 * 1024 * 1024)];
        AddressRange first = Assert.Single(Cut(ranges, default, 10, ulong.MaxValue, out ulong bytes));
        Assert.Equal((0x7f00_0000_1000ul, 0x7f00_8000_0000ul), (first.Start, first.End));
        BatchCursor at = BatchCutter.Advance(ranges, default, bytes);
        Assert.Equal(new BatchCursor(0, bytes), at);
        Assert.Equal(0x7f00_8000_0000ul, Assert.Single(Cut(ranges, at, 10, ulong.MaxValue, out _)).Start);
    }

    [Fact]
    public void Cut_RoomEndsInAHugePageThatBeginsThere_LeavesItToTheNextCall()
    {
        AddressRange[] ranges = [new(0x1000, 0x1000 + Page), new(2 * HugePage, 4 * HugePage)];
        Assert.Equal([ranges[0]], Cut(ranges, default, 10, HugePage, out ulong bytes));
        Assert.Equal(Page, bytes);
        Assert.Equal([new AddressRange(2 * HugePage, 3 * HugePage)], Cut(ranges, BatchCutter.Advance(ranges, default, bytes), 10, HugePage, out _));
    }

    [Fact]
    public void Cut_LessThanAPageAllowed_TakesOnePage()
    {
        AddressRange[] ranges = [new(HugePage, 2 * HugePage)];
        Assert.Equal([new AddressRange(HugePage, HugePage + Page)], Cut(ranges, default, 10, 0, out _));
    }

    [Fact]
    public void Cut_MoreRangesThanACallTakes_StopsAtTheKernelsLimit()
    {
        AddressRange[] ranges = [.. Enumerable.Range(1, 3000).Select(static i => new AddressRange((ulong)i * 4 * Page, (ulong)i * 4 * Page + Page))];
        Assert.Equal(1024, Cut(ranges, default, 3000, ulong.MaxValue, out ulong bytes).Length);
        Assert.Equal(1024 * Page, bytes);
    }

    [Fact]
    public void Cut_NothingLeftOrNoRoom_GivesNothing()
    {
        AddressRange[] ranges = [new(0x1000, 0x1000 + Page)];
        Assert.Empty(Cut(ranges, new BatchCursor(1, 0), 10, ulong.MaxValue, out ulong bytes));
        Assert.Equal(0ul, bytes);
        Assert.Empty(Cut(ranges, default, 0, ulong.MaxValue, out _));
        Assert.Empty(Cut([], default, 10, ulong.MaxValue, out _));
        Assert.Equal(new BatchCursor(1, 0), BatchCutter.Advance(ranges, default, ulong.MaxValue));
    }

    [Fact]
    public void CutUnits_AnyRangesAndLimits_GivesEveryUnitOnceAlone() =>
        Gen.Select(Gen.Select(Gen.ULong[0, 3], Gen.ULong[1, 5]).Array[0, 8], Gen.Int[1, 5], Gen.OneOf(Gen.ULong[0, 10 * HugePage], Gen.Const(ulong.MaxValue)))
            .Sample(static (parts, length, maxBytes) =>
            {
                AddressRange[] ranges = [.. Place(parts).Select(static range => new AddressRange((range.Start - TestGen.Base) / Page * HugePage, (range.End - TestGen.Base) / Page * HugePage))];
                iovec[] vector = new iovec[length];
                List<AddressRange> all = [];
                BatchCursor at = default;
                while (BatchCutter.CutUnits(ranges, at, vector, maxBytes, HugePage, out ulong bytes) is > 0 and int filled)
                {
                    Assert.Equal(bytes, (ulong)filled * HugePage);
                    Assert.InRange(bytes, HugePage, Math.Max(HugePage, maxBytes));
                    all.AddRange(vector[..filled].Select(RangeOf));
                    at = BatchCutter.Advance(ranges, at, bytes);
                }

                Assert.Equal(new BatchCursor(ranges.Length, 0), at);
                Assert.All(all, static unit => Assert.Equal((HugePage, 0ul), (unit.Length, unit.Start % HugePage)));
                Assert.Equal(Merge(ranges), Merge(all));
                Assert.Equal(Sum(ranges), Sum(all));
            }, iter: 1_000);

    [Fact]
    public void CutUnits_MoreThanACallTakes_StopsAtTheKernelsLimits()
    {
        AddressRange[] ranges = [new(HugePage, 4096 * HugePage)];
        iovec[] vector = new iovec[4096];
        Assert.Equal((int)(BatchCutter.MaxBytes / HugePage), BatchCutter.CutUnits(ranges, default, vector, ulong.MaxValue, HugePage, out _));
        Assert.Equal(1024, BatchCutter.CutUnits(ranges, default, vector, ulong.MaxValue, HugePage / 2, out _));
    }

    [Fact]
    public void Cut_InTheWindow_AllocatesNothing()
    {
        AddressRange[] ranges = [new(0x1000, 0x1000 + 8 * HugePage), new(20 * HugePage, 20 * HugePage + Page)];
        iovec[] vector = new iovec[10];
        BatchCursor at = BatchCutter.Advance(ranges, default, 0);
        BatchCutter.Cut(ranges, at, vector, HugePage, out ulong bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BatchCutter.Cut(ranges, at, vector, HugePage, out bytes);
        at = BatchCutter.Advance(ranges, at, bytes);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(default, at);
    }

    private static void AssertCutsAreAligned(AddressRange[] ranges, AddressRange[] batch, ulong maxBytes)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            AddressRange piece = batch[i];
            Assert.True(piece.Start % Page == 0 && piece.End % Page == 0 && !piece.IsEmpty);
            AddressRange whole = ranges.Single(range => range.Contains(piece));
            if (piece.End == whole.End)
            {
                continue;
            }

            // Only the last is cut; at a huge page, unless no border of one lies in it.
            Assert.Equal(batch.Length - 1, i);
            Assert.True(piece.End % HugePage == 0 || piece.End / HugePage == piece.Start / HugePage);
            bool splitsAWholeOne = piece.End % HugePage != 0 && piece.Start % HugePage == 0 && whole.End >= piece.Start + HugePage;
            Assert.True(!splitsAWholeOne || batch.Length == 1 && maxBytes < HugePage);
        }
    }

    private static unsafe AddressRange RangeOf(iovec part) => new((ulong)part.iov_base, (ulong)part.iov_base + (ulong)part.iov_len);

    private static unsafe AddressRange[] Cut(AddressRange[] ranges, BatchCursor at, int length, ulong maxBytes, out ulong bytes)
    {
        iovec[] vector = new iovec[length];
        int filled = BatchCutter.Cut(ranges, at, vector, maxBytes, out bytes);
        AddressRange[] pieces = Array.ConvertAll(vector[..filled], RangeOf);
        Assert.Equal(Sum(pieces), bytes);
        return pieces;
    }

    private static AddressRange[] Place((ulong Gap, ulong Pages)[] parts)
    {
        List<AddressRange> ranges = [];
        ulong at = TestGen.Base;
        foreach ((ulong gap, ulong pages) in parts)
        {
            // Half of them touch the one before.
            at += gap > 300 ? (gap - 300) * Page : 0;
            ranges.Add(new AddressRange(at, at + pages * Page));
            at += pages * Page;
        }

        return [.. ranges];
    }

    private static List<AddressRange> Merge(IEnumerable<AddressRange> ranges) => RangeMerger.Merge(ranges);

    private static ulong Sum(IEnumerable<AddressRange> ranges) => ranges.Aggregate(0ul, static (sum, range) => sum + range.Length);
}
