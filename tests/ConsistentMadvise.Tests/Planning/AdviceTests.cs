namespace ConsistentMadvise.Tests;

public sealed class AdviceTests
{
    [Theory]
    [InlineData("cold", 20)]
    [InlineData("pageout", 21)]
    [InlineData("willneed", 3)]
    [InlineData("collapse", 25)]
    [InlineData("PageOut", 21)]
    [InlineData("21", 21)]
    [InlineData("14", 14)]
    public void Parse_NameOrNumber_GivesTheKernelsNumber(string text, int value) => Assert.Equal(value, Advice.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("dontneed")]
    [InlineData(" cold")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+21")]
    [InlineData("21\0")]
    [InlineData("99999999999")]
    public void Parse_OtherText_IsRefused(string text)
    {
        Assert.False(Advice.TryParse(text, out Advice advice));
        Assert.Equal(default, advice);
        Assert.Contains("cold, pageout, willneed, collapse", Assert.Throws<FormatException>(() => Advice.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_Null_IsRefused() => Assert.False(Advice.TryParse(null, out _));

    [Fact]
    public void Known_EachAdvice_HasANameThatRoundTrips()
    {
        Assert.Equal([Advice.Cold, Advice.PageOut, Advice.WillNeed, Advice.Collapse], Advice.Known);
        Assert.All(Advice.Known, static advice => Assert.Equal(advice, Advice.Parse(advice.ToString())));
    }

    [Fact]
    public void FromKernel_Number_IsThatAdvice()
    {
        Assert.Equal(Advice.Cold, Advice.FromKernel(20));
        Assert.Equal("14", Advice.FromKernel(14).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => Advice.FromKernel(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Advice.FromKernel(-1));
    }
}
