using System.Text;
using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class ByteGlobTests
{
    private static readonly Gen<byte[]> Pattern = TestGen.OneOf((byte)'a', (byte)'b', (byte)'*', (byte)'?').Array[0, 7];
    private static readonly Gen<byte[]> Text = TestGen.OneOf((byte)'a', (byte)'b').Array[0, 9];

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("?", "", false)]
    [InlineData("*.so", "/usr/lib/a.so", true)]
    [InlineData("*.so", "/usr/lib/a.so.6", false)]
    [InlineData("*.so*", "/usr/lib/a.so.6", true)]
    [InlineData("/usr/*/lib?.so", "/usr/a/b/libc.so", true)]
    [InlineData("**a**", "bab", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("k?se", "käse", false)]
    [InlineData("k??se", "käse", true)]
    [InlineData("käse", "käse", true)]
    public void IsMatch_PatternAndText_AsExpected(string pattern, string text, bool expected) =>
        Assert.Equal(expected, ByteGlob.IsMatch(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void IsMatch_AnyPattern_AgreesWithTheDefinition() =>
        Gen.Select(Pattern, Text).Sample(static (pattern, text) => ByteGlob.IsMatch(pattern, text) == Definition(pattern, text), iter: 20_000);

    /// <remarks>A matcher that tries every way, as the definition below, would not return in the lifetime of the machine.</remarks>
    [Fact]
    public void IsMatch_ManyStarsAndNoMatch_ReturnsNonetheless()
    {
        byte[] pattern = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*a", 50)) + "*b");
        Assert.False(ByteGlob.IsMatch(pattern, Encoding.ASCII.GetBytes(new string('a', 5000))));
    }

    private static bool Definition(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text) =>
        pattern.IsEmpty ? text.IsEmpty
        : pattern[0] == '*' ? Definition(pattern[1..], text) || (!text.IsEmpty && Definition(pattern, text[1..]))
        : !text.IsEmpty && (pattern[0] == '?' || pattern[0] == text[0]) && Definition(pattern[1..], text[1..]);
}
