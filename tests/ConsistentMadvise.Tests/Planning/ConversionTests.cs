using System.ComponentModel;

namespace ConsistentMadvise.Tests;

/// <summary>What a configuration binder does with the values of this library: it asks for a type converter, and where there is none it leaves the value out and says nothing.</summary>
public sealed class ConversionTests
{
    public static TheoryData<Type, string> Values() => new()
    {
        { typeof(Advice), "pageout" },
        { typeof(VmaFilter), "anon,private" },
        { typeof(AddressRange), "7f0000000000-7f0000001000" },
        { typeof(LayoutToken), TestLayout.Of("7f0000000000-7f0000010000 rw-p 00000000 00:00 0 ").Token.ToString() },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void ConvertFrom_ItsText_IsTheValue(Type type, string text)
    {
        TypeConverter converter = TypeDescriptor.GetConverter(type);

        Assert.True(converter.CanConvertFrom(typeof(string)));
        Assert.Equal(text, converter.ConvertFromInvariantString(text)?.ToString());
    }

    [Theory]
    [InlineData(typeof(Advice))]
    [InlineData(typeof(VmaFilter))]
    [InlineData(typeof(AddressRange))]
    [InlineData(typeof(LayoutToken))]
    public void ConvertFrom_AnotherText_Throws(Type type) =>
        Assert.Throws<FormatException>(() => TypeDescriptor.GetConverter(type).ConvertFromInvariantString("no such thing"));

    [Fact]
    public void TryParse_TextOfEachValue_IsTheSameByEachOverload()
    {
        Assert.True(Advice.TryParse("Cold", out Advice advice) && Advice.TryParse("Cold".AsSpan(), null, out Advice other) && advice == other && advice == Advice.Cold);
        Assert.False(Advice.TryParse(null, out _));
        Assert.True(AddressRange.TryParse("1000-2000", out AddressRange range) && range == new AddressRange(0x1000, 0x2000));
        Assert.False(AddressRange.TryParse(null, out _));
        Assert.False(LayoutToken.TryParse(null, out _));
        Assert.True(VmaFilter.TryParse("heap", null, out VmaFilter? filter) && filter.ToString() == "heap");
        Assert.False(VmaFilter.TryParse("heap,", null, out _));
    }
}
