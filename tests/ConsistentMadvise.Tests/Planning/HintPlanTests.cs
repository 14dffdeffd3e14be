using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class HintPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly LayoutSnapshot Layout = TestLayout.Of(
        "00010000-00020000 r-xp 00000000 fe:00 7                                  /bin/x",
        "00020000-00030000 rw-p 00000000 00:00 0                                  [heap]",
        "00040000-00041000 rw-p 00000000 00:00 0 ",
        "00041000-00042000 r-xp 00000000 00:00 0                                  [vdso]");

    [Fact]
    public void Create_Predicate_PlansTheWholeVmas()
    {
        HintPlan plan = HintPlan.Create(Layout, Advice.PageOut, static vma => vma.IsPrivateAnonymous);
        Assert.Equal([new AddressRange(0x20000, 0x30000), new AddressRange(0x40000, 0x41000)], plan.Ranges);
        Assert.Equal(0x11000ul, plan.Bytes);
        Assert.Equal((Advice.PageOut, Layout.Token, Layout), (plan.Advice, plan.Token, plan.Layout));
    }

    [Fact]
    public void Create_Filter_PlansWhatItSelects()
    {
        HintPlan plan = HintPlan.Create(Layout, Advice.Cold, VmaFilter.Parse("anon,size>=64K"));
        Assert.Equal([new AddressRange(0x20000, 0x30000)], plan.Ranges);
    }

    [Theory]
    [MemberData(nameof(TestLayout.Fixtures), MemberType = typeof(TestLayout))]
    public void Create_EverythingSelected_PlansAllButSpecialMappings(string fixture)
    {
        byte[] text = TestLayout.Fixture(fixture);
        LayoutSnapshot layout = TestLayout.FromText(text);
        List<AddressRange> asked = [];
        HintPlan plan = HintPlan.Create(layout, Advice.Cold, vma =>
        {
            asked.Add(vma.Range);
            return true;
        });
        Assert.Equal(layout.Where(static vma => !vma.IsSpecial).Select(static vma => vma.Range), plan.Ranges);
        Assert.Equal(plan.Ranges, asked);
        Assert.True(plan.Ranges.Count < layout.Count);
        Dictionary<AddressRange, byte[]> lines = layout.Zip(TestLayout.Lines(text)).ToDictionary(static pair => pair.First.Range, static pair => pair.Second);
        Assert.Equal(plan.Ranges.Select(range => new PlannedVma(range, MapsLineHash.Of(lines[range]))), plan.Vmas);
        Assert.Equal(Enumerable.Range(0, plan.Vmas.Length), plan.VmaOfRange);
    }

    [Fact]
    public void Create_NothingSelected_IsAnEmptyPlan()
    {
        foreach (HintPlan plan in new[] { HintPlan.Create(Layout, Advice.Cold, static _ => false), HintPlan.Create(Layout, Advice.Cold, []) })
        {
            Assert.Empty(plan.Ranges);
            Assert.Empty(plan.Vmas);
            Assert.Equal(0ul, plan.Bytes);
        }
    }

    [Fact]
    public void Create_RangesTouchOverlapAndSpan_AreMergedAndCutAtTheBorder()
    {
        HintPlan plan = HintPlan.Create(Layout, Advice.Cold, [new(0x24000, 0x28000), new(0x1e000, 0x22000), new(0x21000, 0x24000), new(0x40000, 0x41000)]);
        Assert.Equal([new AddressRange(0x1e000, 0x20000), new AddressRange(0x20000, 0x28000), new AddressRange(0x40000, 0x41000)], plan.Ranges);
        Assert.Equal([0, 1, 2], plan.VmaOfRange);
        Assert.Equal([Layout[0].Range, Layout[1].Range, Layout[2].Range], plan.Vmas.Select(static vma => vma.Range));
    }

    [Fact]
    public void Create_TwoRangesOfOneVma_NameItOnce()
    {
        HintPlan plan = HintPlan.Create(Layout, Advice.Cold, [new(0x22000, 0x23000), new(0x20000, 0x21000)]);
        Assert.Equal([0, 0], plan.VmaOfRange);
        Assert.Equal(Layout[1].Range, Assert.Single(plan.Vmas).Range);
    }

    [Theory]
    [InlineData(0x2e000, 0x41000, "No VMA of process 4242 covers 00030000-00040000.")]
    [InlineData(0x8000, 0x9000, "No VMA of process 4242 covers 00008000-00009000.")]
    [InlineData(0x50000, 0x60000, "No VMA of process 4242 covers 00050000-00060000.")]
    [InlineData(0x40000, 0x42000, "The range 00040000-00042000 reaches into 00041000-00042000 r-xp [vdso], which must not be hinted; leave it out.")]
    public void Create_UnmappedRange_IsRefused(ulong start, ulong end, string reason)
    {
        AddressRange[] ranges = [new(0x10000, 0x11000), new(start, end)];
        ArgumentException e = Assert.Throws<ArgumentException>(() => HintPlan.Create(Layout, Advice.Cold, ranges));
        Assert.StartsWith(reason, e.Message, StringComparison.Ordinal);
        Assert.Equal("ranges", e.ParamName);
        Assert.False(HintPlan.TryCreate(Layout, Advice.Cold, ranges, out HintPlan? plan, out string? said));
        Assert.Null(plan);
        Assert.Equal(reason, said);
    }

    [Theory]
    [InlineData(0x10001, 0x12000, "00010001-00012000 is not aligned")]
    [InlineData(0x10000, 0x12001, "00010000-00012001 is not aligned")]
    [InlineData(0x12000, 0x12000, "is empty")]
    [InlineData(0x12000, 0x11000, "is empty")]
    public void Create_UnalignedOrEmptyRange_Throws(ulong start, ulong end, string expected)
    {
        AddressRange[] ranges = [new(start, end)];
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => HintPlan.Create(Layout, Advice.Cold, ranges)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => HintPlan.TryCreate(Layout, Advice.Cold, ranges, out _, out _));
    }

    [Fact]
    public void TryCreate_AnyRequest_IsPlannedExactlyOrRefusedWithCause() =>
        Gen.Select(TestGen.Layout, TestGen.Request).Sample(static (layout, request) =>
        {
            SortedSet<ulong> asked = Pages(request);
            bool isPossible = asked.All(page => layout.TryFind(page, out Vma vma) && !vma.IsSpecial);
            Assert.Equal(isPossible, HintPlan.TryCreate(layout, Advice.Cold, request, out HintPlan? plan, out string? reason));
            Assert.Equal(isPossible, reason is null);
            if (plan is not null)
            {
                Assert.Equal(asked, Pages(plan.Ranges));
                AssertInvariants(plan);
            }
        }, iter: 2_000);

    [Fact]
    public void Create_AnySelection_HoldsTheInvariants() =>
        Gen.Select(TestGen.Layout, Gen.Int).Sample(static (layout, salt) =>
        {
            bool Selects(Vma vma) => HashCode.Combine(vma.Start, salt) % 2 == 0;
            HintPlan plan = HintPlan.Create(layout, Advice.Cold, Selects);
            Assert.Equal(layout.Where(vma => !vma.IsSpecial && Selects(vma)).Select(static vma => vma.Range), plan.Ranges);
            AssertInvariants(plan);
        }, iter: 500);

    [Fact]
    public void Create_ContradictingLines_PlansTheNewer()
    {
        LayoutSnapshot torn = TestLayout.Of(
            "00010000-00020000 rw-p 00000000 00:00 0 ", "00020000-00021000 rw-p 00000000 00:00 0 ",
            "00018000-00030000 rw-p 00000000 00:00 0 ", "00030000-00031000 rw-p 00000000 00:00 0 ");
        AddressRange[] younger = [new(0x18000, 0x30000), new(0x30000, 0x31000)];
        Assert.Equal(younger, HintPlan.Create(torn, Advice.Cold, VmaFilter.All).Ranges);
        Assert.Equal(younger, HintPlan.Create(torn, Advice.Cold, [new AddressRange(0x18000, 0x31000)]).Ranges);
        Assert.False(HintPlan.TryCreate(torn, Advice.Cold, [new AddressRange(0x10000, 0x31000)], out _, out string? reason));
        Assert.Equal("No VMA of process 4242 covers 00010000-00018000.", reason);
    }

    [Fact]
    public void Create_DefaultAdvice_IsRefused()
    {
        Assert.Equal("advice", Assert.Throws<ArgumentException>(() => HintPlan.Create(Layout, default, VmaFilter.All)).ParamName);
        Assert.Throws<ArgumentException>(() => HintPlan.TryCreate(Layout, default, [], out _, out _));
    }

    [Fact]
    public void Create_Nulls_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => HintPlan.Create(null!, Advice.Cold, VmaFilter.All));
        Assert.Throws<ArgumentNullException>(() => HintPlan.Create(Layout, Advice.Cold, (VmaFilter)null!));
        Assert.Throws<ArgumentNullException>(() => HintPlan.Create(Layout, Advice.Cold, (Func<Vma, bool>)null!));
        Assert.Throws<ArgumentNullException>(() => HintPlan.Create(Layout, Advice.Cold, (AddressRange[])null!));
    }

    [Fact]
    public void Create_RangeAfterALayoutWhoseLastLineIsContradicted_IsRefused()
    {
        // A torn read: the following line is the newer, and nothing is mapped after it.
        LayoutSnapshot layout = TestLayout.Of("00020000-00040000 rw-p 00000000 00:00 0 ", "00010000-00030000 rw-p 00000000 00:00 0 ");
        Assert.False(HintPlan.TryCreate(layout, Advice.Cold, [new AddressRange(0x50000, 0x60000)], out _, out string? reason));
        Assert.Contains("00050000-00060000", reason, StringComparison.Ordinal);
        Assert.False(HintPlan.TryCreate(layout, Advice.Cold, [new AddressRange(0x30000, 0x40000)], out _, out _));
    }

    [Fact]
    public void Create_NoLifetimeGiven_ExpiresAfterFiveMinutes()
    {
        HintPlan plan = HintPlan.Create(Layout, Advice.Cold, static _ => true, StoppedClock.PlanAt(Now));
        Assert.Equal((Now, Now + TimeSpan.FromMinutes(5)), (plan.CreatedAt, plan.ExpiresAt));
    }

    [Fact]
    public void IsExpiredAt_Times_HoldsFromExpiryAndLongBeforeCreation()
    {
        HintPlan plan = Plan(TimeSpan.FromSeconds(10));
        Assert.False(plan.IsExpiredAt(Now));
        Assert.False(plan.IsExpiredAt(plan.ExpiresAt - TimeSpan.FromTicks(1)));
        Assert.True(plan.IsExpiredAt(plan.ExpiresAt));
        Assert.False(plan.IsExpiredAt(Now - TimeSpan.FromMinutes(1)));
        Assert.True(plan.IsExpiredAt(Now - TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Create_LifetimeOutsideItsRange_IsRefused()
    {
        Assert.Equal(TimeSpan.FromMinutes(15), Plan(HintPlan.MaxLifetime).ExpiresAt - Now);
        Assert.Throws<ArgumentOutOfRangeException>(() => Plan(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Plan(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Plan(HintPlan.MaxLifetime + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Create_OldSnapshot_ExpiresWithItsTokenOrIsRefused()
    {
        byte[] text = TestLayout.Fixture("sh");
        LayoutSnapshot old = TestLayout.FromText(text, Now - TimeSpan.FromMinutes(12));
        Assert.Equal(Now + TimeSpan.FromMinutes(3), HintPlan.Create(old, Advice.Cold, static _ => true, StoppedClock.PlanAt(Now)).ExpiresAt);
        LayoutSnapshot tooOld = TestLayout.FromText(text, Now - TimeSpan.FromMinutes(15));
        Assert.Equal("layout", Assert.Throws<ArgumentException>(() => HintPlan.Create(tooOld, Advice.Cold, static _ => true, StoppedClock.PlanAt(Now))).ParamName);
    }

    [Fact]
    public void Ranges_CastToTheirArray_IsImpossible() => Assert.IsNotType<AddressRange[]>(HintPlan.Create(Layout, Advice.Cold, VmaFilter.All).Ranges);

    /// <summary>What the frozen window rests on.</summary>
    internal static void AssertInvariants(HintPlan plan)
    {
        ulong page = (ulong)Environment.SystemPageSize, end = 0, bytes = 0;
        Assert.Equal(plan.RangeArray, plan.Ranges);
        Assert.Equal(plan.RangeArray.Length, plan.VmaOfRange.Length);
        for (int i = 0; i < plan.RangeArray.Length; i++)
        {
            AddressRange range = plan.RangeArray[i];
            Assert.True(range.Start >= end && range.Start < range.End && range.Start % page == 0 && range.End % page == 0);
            Assert.True(plan.Vmas[plan.VmaOfRange[i]].Range.Contains(range));
            end = range.End;
            bytes += range.Length;
        }

        Assert.Equal(bytes, plan.Bytes);
        Assert.Equal(plan.Vmas.Select(static vma => vma.Range).Distinct().Order(), plan.Vmas.Select(static vma => vma.Range));
        Assert.Equal(Enumerable.Range(0, plan.Vmas.Length), plan.VmaOfRange.Distinct());
    }

    private static HintPlan Plan(TimeSpan lifetime) => HintPlan.Create(Layout, Advice.Cold, static _ => true, StoppedClock.PlanAt(Now) with { Lifetime = lifetime });

    private static SortedSet<ulong> Pages(IEnumerable<AddressRange> ranges)
    {
        SortedSet<ulong> pages = [];
        foreach (AddressRange range in ranges)
        {
            for (ulong page = range.Start; page < range.End; page += TestGen.Page)
            {
                pages.Add(page);
            }
        }

        return pages;
    }
}
