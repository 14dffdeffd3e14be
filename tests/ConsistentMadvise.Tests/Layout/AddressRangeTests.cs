using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class AddressRangeTests
{
    private static readonly Gen<AddressRange> Small = Gen.Select(Gen.ULong[0, 20], Gen.ULong[0, 20]).Select(static (start, end) => new AddressRange(start, end));

    [Fact]
    public void Length_EndBelowStart_IsZeroAndEmpty()
    {
        AddressRange range = new(0x2000, 0x1000);
        Assert.Equal(0ul, range.Length);
        Assert.True(range.IsEmpty);
        Assert.False(range.Contains(0x1800));
    }

    [Fact]
    public void Length_WholeAddressSpace_DoesNotOverflow() => Assert.Equal(ulong.MaxValue, new AddressRange(0, ulong.MaxValue).Length);

    [Fact]
    public void Contains_Borders_AreHalfOpen()
    {
        AddressRange range = new(0x1000, 0x2000);
        Assert.True(range.Contains(0x1000));
        Assert.True(range.Contains(0x1fff));
        Assert.False(range.Contains(0x2000));
        Assert.False(range.Contains(0xfff));
        Assert.True(range.Contains(range));
        Assert.False(range.Contains(new AddressRange(0x1000, 0x2001)));
        Assert.False(range.Contains(new AddressRange(0x1800, 0x1800)));
    }

    [Fact]
    public void OverlapsAndIntersect_AnyTwoRanges_AgreeWithTheAddressesTheyHold() =>
        Gen.Select(Small, Small).Sample(static (a, b) =>
        {
            List<ulong> both = [.. Addresses(a).Where(b.Contains)];
            Assert.Equal(both.Count != 0, a.Overlaps(b));
            Assert.Equal(both, Addresses(a.Intersect(b)));
            Assert.Equal(a.IsEmpty, !Addresses(a).Any());
            Assert.Equal(!b.IsEmpty && Addresses(b).All(a.Contains), a.Contains(b));
        }, iter: 2_000);

    [Fact]
    public void CompareTo_Ranges_OrdersByStartThenEnd()
    {
        AddressRange[] ordered = [new(1, 5), new(1, 6), new(2, 3)];
        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.True(ordered[0] < ordered[1] && ordered[0] <= ordered[1] && ordered[2] > ordered[1] && ordered[2] >= ordered[1]);
    }

    [Theory]
    [InlineData("7f0000000000-7f0000001000", 0x7f0000000000, 0x7f0000001000)]
    [InlineData("0x1000-0X2000", 0x1000, 0x2000)]
    [InlineData("ABC000-ABD000", 0xabc000, 0xabd000)]
    [InlineData("ffffffffff600000-ffffffffff601000", 0xffffffffff600000, 0xffffffffff601000)]
    public void Parse_Text_GivesRange(string text, ulong start, ulong end) => Assert.Equal(new AddressRange(start, end), AddressRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1000")]
    [InlineData("1000-")]
    [InlineData("-1000")]
    [InlineData("1000-1000")]
    [InlineData("2000-1000")]
    [InlineData("1000-2000-3000")]
    [InlineData("1000 -2000")]
    [InlineData(" 1000-2000")]
    [InlineData("1000-2000\0")]
    [InlineData("0x-1000")]
    [InlineData("0x0x1000-2000")]
    [InlineData("g000-h000")]
    [InlineData("+1000-2000")]
    [InlineData("10000000000000000-20000000000000000")]
    public void Parse_OtherText_IsRefused(string text)
    {
        Assert.False(AddressRange.TryParse(text, null, out AddressRange range));
        Assert.Equal(default, range);
        FormatException e = Assert.Throws<FormatException>(() => AddressRange.Parse(text));
        Assert.Contains("START-END", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_Null_IsRefused()
    {
        Assert.False(AddressRange.TryParse(null, null, out _));
        Assert.Throws<ArgumentNullException>(() => AddressRange.Parse(null!));
    }

    [Fact]
    public void ToString_AnyRange_RoundTrips() =>
        Gen.Select(Gen.ULong, Gen.ULong).Where(static (a, b) => a < b).Sample(static (a, b) =>
            AddressRange.Parse(new AddressRange(a, b).ToString()) == new AddressRange(a, b));

    [Fact]
    public void ToString_SmallAddress_IsPaddedAsInMaps() => Assert.Equal("00001000-00002000", new AddressRange(0x1000, 0x2000).ToString());

    private static IEnumerable<ulong> Addresses(AddressRange range)
    {
        for (ulong address = range.Start; address < range.End; address++)
        {
            yield return address;
        }
    }
}
