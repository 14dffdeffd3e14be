using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class LayoutTokenTests
{
    private static readonly LayoutToken Sample = new(new ProcessIdentity(5990, 216984, 5991), 37, UInt128.Parse("0d7231ba3baadde35062b475ed4ecaf0", System.Globalization.NumberStyles.AllowHexSpecifier, null));

    private static readonly Gen<LayoutToken> Token = Gen.Select(Gen.Int[1, int.MaxValue], Gen.ULong, Gen.ULong, Gen.Int[0, int.MaxValue], Gen.UInt128)
        .Select(static (pid, start, inode, count, hash) => new LayoutToken(new ProcessIdentity(pid, start, inode), count, hash));

    [Fact]
    public void ToString_Token_IsTheDocumentedForm() => Assert.Equal("cm1-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0", Sample.ToString());

    [Fact]
    public void Parse_TextOfAnyToken_RoundTrips() =>
        Token.Sample(static token =>
        {
            Assert.Equal(token, LayoutToken.Parse(token.ToString()));
            Assert.True(token.Matches(LayoutToken.Parse(token.ToString())));
        }, iter: 2_000);

    [Fact]
    public void Default_Token_MatchesNothing()
    {
        Assert.True(default(LayoutToken).IsDefault);
        Assert.False(default(LayoutToken).Matches(default));
        Assert.False(default(LayoutToken).Matches(Sample));
        Assert.False(Sample.Matches(default));
        Assert.Equal("", default(LayoutToken).ToString());
        Assert.False(LayoutToken.TryParse(default(LayoutToken).ToString(), null, out _));
    }

    [Fact]
    public void Matches_AnotherHashCountOrProcess_DoesNot()
    {
        ProcessIdentity process = Sample.Process;
        Assert.True(Sample.Matches(Sample));
        Assert.False(Sample.Matches(new LayoutToken(process, 37, Sample.Hash + 1)));
        Assert.False(Sample.Matches(new LayoutToken(process, 38, Sample.Hash)));
        Assert.False(Sample.Matches(new LayoutToken(process with { Pid = 1 }, 37, Sample.Hash)));
        Assert.False(Sample.Matches(new LayoutToken(process with { StartTime = 1 }, 37, Sample.Hash)));
        Assert.False(Sample.Matches(new LayoutToken(process with { PidfdInode = 1 }, 37, Sample.Hash)));
    }

    [Fact]
    public void Matches_UnknownPidfdInode_MatchesAny() =>
        Assert.True(Sample.Matches(new LayoutToken(Sample.Process with { PidfdInode = 0 }, 37, Sample.Hash)));

    [Fact]
    public void TryParse_AnyCharacterChanged_IsRefusedOrAnotherToken()
    {
        string text = Sample.ToString();
        int refused = 0, other = 0;
        for (int place = 0; place < text.Length; place++)
        {
            for (char c = '\0'; c < 256; c++)
            {
                string changed = $"{text[..place]}{c}{text[(place + 1)..]}";
                if (changed == text)
                {
                    continue;
                }

                if (LayoutToken.TryParse(changed, null, out LayoutToken token))
                {
                    other++;
                    Assert.True(token != Sample && !token.Matches(Sample), $"'{changed}' gives the same token");
                }
                else
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 1000 && other > 300);
    }

    [Fact]
    public void TryParse_AnyCharacterAddedOrRemoved_IsRefusedOrAnotherToken()
    {
        string text = Sample.ToString();
        for (int place = 0; place <= text.Length; place++)
        {
            foreach (char c in "0159af-AF \0+x")
            {
                Assert.False(LayoutToken.TryParse(text.Insert(place, c.ToString()), null, out LayoutToken token) && token == Sample);
            }

            if (place < text.Length)
            {
                Assert.False(LayoutToken.TryParse(text.Remove(place, 1), null, out LayoutToken token) && token == Sample);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("cm1")]
    [InlineData("cm2-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-0-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0-")]
    [InlineData("cm1-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf")]
    [InlineData("cm1-5990-216984-5991--37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("cm1-99999999999-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    [InlineData("CM1-5990-216984-5991-37-0d7231ba3baadde35062b475ed4ecaf0")]
    public void Parse_OtherText_IsRefused(string text)
    {
        Assert.False(LayoutToken.TryParse(text, null, out LayoutToken token));
        Assert.Equal(default, token);
        Assert.Contains("cm1-", Assert.Throws<FormatException>(() => LayoutToken.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => LayoutToken.Parse(null!));
        Assert.False(LayoutToken.TryParse(null, null, out _));
    }
}
