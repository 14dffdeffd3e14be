using ConsistentMadvise.Interop;
using CsCheck;
using Tmds.Linux;

namespace ConsistentMadvise.Tests;

/// <summary>The account of a transaction is what the kernel did, whatever that is.</summary>
public sealed class HintLedgerTests
{
    private static readonly Gen<HintPlan> Plans = TestGen.Layout.Select(static layout => HintPlan.Create(layout, Advice.Cold, static vma => !vma.IsSpecial));

    [Fact]
    public void Close_AnyKernel_ReportsWhatItDid() =>
        Gen.Select(Plans, Gen.Int).Sample(static (plan, seed) =>
        {
            FakeKernel kernel = new(seed);
            PlanRemainder remainder = new(plan);
            HintLedger ledger = new(plan, remainder, new TransactionScratch());
            Random random = new(seed);
            bool goesOn = true;
            while (goesOn && !ledger.IsDone)
            {
                MaybeDrop(plan, ledger, remainder, random);
                goesOn = ledger.IsDone || Advise(plan, ledger, remainder, kernel, random);
            }

            RangeOutcome[] ranges = ledger.Close(out bool isComplete);

            Assert.Equal(kernel.Counted, ledger.BytesAdvised);
            Assert.Equal(plan.Ranges, ranges.Select(static range => range.Range));
            Assert.Equal(isComplete, ranges.All(static range => range.Status == RangeStatus.Advised));
            for (int i = 0; i < ranges.Length; i++)
            {
                AssertIsExact(ranges[i], kernel, isDropped: remainder.IsDropped(plan.VmaOfRange[i]), wasStopped: !goesOn);
            }
        }, iter: 5_000);

    [Fact]
    public void Close_NarrowedToParts_AddsThemUpByRange()
    {
        HintPlan plan = HintPlan.Create(
            TestLayout.Of(
                "7f0000000000-7f0000010000 rw-p 00000000 00:00 0 ",
                "7f0000010000-7f0000020000 r--p 00000000 00:00 0 ",
                "7f0000020000-7f0000030000 rw-p 00000000 00:00 0 "),
            Advice.Cold, static _ => true);
        HintLedger ledger = new(plan, new PlanRemainder(plan), new TransactionScratch());
        ledger.Narrow(new HeldMemory([new(0x7f0000000000, 0x7f0000001000), new(0x7f0000008000, 0x7f000000a000), new(0x7f0000020000, 0x7f0000030000)], [0, 0, 2]));
        Assert.Equal((0x1d000ul, 0x13000ul), (ledger.BytesEmpty, ledger.BytesLeft));
        ledger.WarmUp();

        ledger.Cut(ulong.MaxValue);
        Assert.Equal(0x13000ul, ledger.BatchBytes);
        Assert.True(ledger.Record(Errno.None, 0x3000));
        Assert.Equal(0x10000ul, ledger.BytesLeft);
        ledger.Cut(ulong.MaxValue);
        Assert.True(ledger.Record(Errno.EINVAL, -1));

        RangeOutcome[] ranges = ledger.Close(out bool isComplete);
        Assert.True(ledger.IsDone && !isComplete);
        Assert.Equal([RangeStatus.Advised, RangeStatus.Empty, RangeStatus.Skipped], ranges.Select(static range => range.Status));
        Assert.Equal([0x3000ul, 0ul, 0ul], ranges.Select(static range => range.BytesAdvised));
    }

    [Fact]
    public void Rehearse_AfterACall_LosesNothing()
    {
        HintPlan plan = HintPlan.Create(TestLayout.Of("7f0000000000-7f0000010000 rw-p 00000000 00:00 0 "), Advice.Cold, static _ => true);
        HintLedger ledger = new(plan, new PlanRemainder(plan), new TransactionScratch());
        ledger.Cut(0x4000);
        ledger.Record(Errno.None, 0x4000);

        ledger.WarmUp(); // of the freezer that was made after one that failed

        Assert.Equal((true, 0x4000ul, 0xc000ul), (ledger.IsTouched, ledger.BytesAdvised, ledger.BytesLeft));
    }

    [Fact]
    public void Rehearse_ThenTheRealThing_IsForgotten()
    {
        HintPlan plan = HintPlan.Create(TestLayout.Of("7f0000000000-7f0000010000 rw-p 00000000 00:00 0 "), Advice.Cold, static _ => true);
        HintLedger ledger = new(plan, new PlanRemainder(plan), new TransactionScratch());

        ledger.WarmUp();

        Assert.Equal((false, 0ul), (ledger.IsTouched, ledger.BytesAdvised));
        Assert.Equal(RangeStatus.NotAttempted, Assert.Single(ledger.Close(out _)).Status);
    }

    private static void AssertIsExact(RangeOutcome range, FakeKernel kernel, bool isDropped, bool wasStopped)
    {
        Assert.Equal(kernel.CountedIn(range.Range), range.BytesAdvised);
        Assert.InRange(range.BytesAdvised, 0ul, range.Range.Length);
        switch (range.Status)
        {
            case RangeStatus.Advised:
                Assert.Equal((range.Range.Length, 0), (range.BytesAdvised, range.Errno));
                break;
            case RangeStatus.Stale:
                Assert.True(isDropped && range.Errno == 0 && range.BytesAdvised < range.Range.Length);
                break;
            case RangeStatus.NotAttempted:
                Assert.True(wasStopped && range.BytesAdvised == 0 && range.Errno == 0);
                break;
            case RangeStatus.Incomplete:
                Assert.True(range.Errno != 0 || (wasStopped && range.BytesAdvised > 0));
                break;
            default:
                Assert.True(range.Errno != 0 && range.BytesAdvised == 0);
                break;
        }
    }

    private static bool Advise(HintPlan plan, HintLedger ledger, PlanRemainder remainder, FakeKernel kernel, Random random)
    {
        ledger.Cut((ulong)random.Next(1, 12) * TestGen.Page);
        foreach (ref readonly iovec part in ledger.Batch)
        {
            AddressRange piece = RangeOf(in part);
            int range = plan.RangeArray.AsSpan().IndexOf(plan.Ranges.Single(range => range.Contains(piece)));
            Assert.False(remainder.IsDropped(plan.VmaOfRange[range]), "a VMA that changed is advised no more");
        }

        Errno errno = kernel.Advise(ledger.Batch, out long advised);
        return ledger.Record(errno, advised);
    }

    /// <summary>Sometimes a window ends here, and some VMA is found changed in the next.</summary>
    private static void MaybeDrop(HintPlan plan, HintLedger ledger, PlanRemainder remainder, Random random)
    {
        if (random.Next(3) != 0)
        {
            return;
        }

        ledger.BeginWindow();
        int vma = random.Next(plan.Vmas.Length);
        if (ledger.IsTouched && vma >= remainder.First && !remainder.IsDropped(vma))
        {
            remainder.Drop(vma);
        }

        ledger.SkipDropped();
    }

    private static unsafe AddressRange RangeOf(in iovec part) => new((ulong)part.iov_base, (ulong)part.iov_base + (ulong)part.iov_len);
}
