namespace ConsistentMadvise.Tests;

/// <summary>.NET's number parsers take upper case, leading zeros and zero characters after a number: one token had many texts.</summary>
public sealed class TokensSpelledDifferentlyWereTaken
{
    [Theory]
    [InlineData("cm1-5990-216984-5991-37-0D7231BA3BAADDE35062B475ED4ECAF0")]
    [InlineData("cm1-05990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-5990\0-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-5990-216984-5991-37\0\0-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf\0")]
    public void TryParse_AnotherSpelling_IsRefused(string text) => Assert.False(LayoutToken.TryParse(text, null, out _));
}
