using System.Globalization;
using System.Text;
using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class HexTextTests
{
    [Fact]
    public void TryRead_NumberOfAnyWidth_GivesNumberAndMovesAfterSeparator() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 63], Gen.Int[1, 16]).Sample(static (value, shift, width) =>
        {
            value >>= shift;
            string digits = value.ToString("x" + width.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(digits + "-7f000000 rest");
            ReadOnlySpan<byte> again = text;
            Assert.True(HexText.TryRead(ref text, (byte)'-', out ulong read));
            Assert.True(HexText.TryReadAny(ref again, (byte)'-', out ulong slow));
            Assert.Equal(value, read);
            Assert.Equal(value, slow);
            Assert.Equal("7f000000 rest", Encoding.ASCII.GetString(text));
            Assert.Equal("7f000000 rest", Encoding.ASCII.GetString(again));
        }, iter: 5_000);

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(16)]
    public void TryRead_AnyByteInAnyPlace_IsTakenOnlyIfADigit(int width)
    {
        for (int place = 0; place < width; place++)
        {
            for (int b = 0; b < 256; b++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(new string('5', width) + "- 012345678");
                bytes[place] = (byte)b;
                ReadOnlySpan<byte> text = bytes;
                bool isDigit = b is >= '0' and <= '9' or >= 'a' and <= 'f';
                Assert.True(b == '-' || HexText.TryRead(ref text, (byte)'-', out _) == isDigit, $"byte {b:x2} at {place} of {width}");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1234")]
    [InlineData("12345678")]
    [InlineData("123456789abc")]
    [InlineData("00000000000000001-")]
    public void TryRead_NoNumberOrNoSeparator_IsRefused(string digits)
    {
        ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(digits);
        Assert.False(HexText.TryRead(ref text, (byte)'-', out _));
    }
}
