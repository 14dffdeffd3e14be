using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

public sealed class SizesTests
{
    [Theory]
    [InlineData(0ul, "0 B")]
    [InlineData(1023ul, "1023 B")]
    [InlineData(4096ul, "4 KiB")]
    [InlineData(1_572_864ul, "1.5 MiB")]
    [InlineData(ulong.MaxValue, "16 EiB")]
    public void Show_Bytes_HaveTheUnitThatFits(ulong bytes, string text) => Assert.Equal(text, Sizes.Show(bytes));

    [Theory]
    [InlineData(0, "0 ranges")]
    [InlineData(1, "1 range")]
    [InlineData(2, "2 ranges")]
    public void Count_Number_HasItsNoun(int number, string text) => Assert.Equal(text, Sizes.Count(number, "range"));
}
