using ConsistentMadvise.Cli;
using CsCheck;

namespace ConsistentMadvise.Tests.Cli;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("/usr/lib/libc.so.6", "/usr/lib/libc.so.6")]
    [InlineData("[red]x[/]", "[red]x[/]")]
    [InlineData("/tmp/müll 文書", "/tmp/müll 文書")]
    [InlineData("\u001b[31mred", "\\u{1b}[31mred")]
    [InlineData("a\tb\rc\nd\0e\u007ff", "a\\u{9}b\\u{d}c\\u{a}d\\u{0}e\\u{7f}f")]
    [InlineData("\u009b31m", "\\u{9b}31m")]
    [InlineData("gpj.\u202eexe", "gpj.\\u{202e}exe")]
    [InlineData("a\u2028b\u2029c\u200bd\ufeffe", "a\\u{2028}b\\u{2029}c\\u{200b}d\\u{feff}e")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public void Escape_Text_KeepsWhatIsHarmless(string text, string safe) => Assert.Equal(safe, SafeText.Escape(text));

    [Fact]
    public void Escape_AnyText_HoldsNothingThatMovesTheCursor() =>
        Gen.String.Sample(static text => !SafeText.Escape(text).Any(static c => char.IsControl(c) || c is '\u202e' or '\u2028'));

    [Fact]
    public void EscapeLines_Text_KeepsItsLines() => Assert.Equal("a\n\\u{d}b", SafeText.EscapeLines("a\n\rb"));
}
