using System.Text.RegularExpressions;

namespace ConsistentMadvise.Fuzz;

/// <summary><see cref="LayoutToken"/>: the texts that are taken are exactly those that it writes, each for one token.</summary>
internal static partial class TokenFuzz
{
    public static void Check(ReadOnlySpan<byte> input)
    {
        string text = InputText.Of(input);
        bool isToken = LayoutToken.TryParse(text, null, out LayoutToken token);
        Oracle.Same(IsCanonical(text), isToken);
        if (!isToken)
        {
            Oracle.Same(default, token);
            Oracle.Throws<FormatException>(() => LayoutToken.Parse(text));
            return;
        }

        Oracle.Same(text, token.ToString());
        Oracle.Same(token, LayoutToken.Parse(text));
        Oracle.Same(token, LayoutToken.Parse(text.AsSpan(), null));
        Oracle.Holds(!token.IsDefault && token.Matches(token) && !token.Matches(default) && !default(LayoutToken).Matches(token));
        Oracle.Same(text.Count(static c => c == '-') == 8, token.Sequence is not null);

        // What differs in its text differs, and in its hash does not match.
        string other = text.Replace(token.Hash.ToString("x32"), (token.Hash ^ 1).ToString("x32"), StringComparison.Ordinal);
        Oracle.Holds(LayoutToken.TryParse(other, null, out LayoutToken changed) && changed != token && !changed.Matches(token));
    }

    /// <summary>The grammar, written a second time in another way.</summary>
    private static bool IsCanonical(string text)
    {
        Match match = Grammar().Match(text);
        return match.Success
            && Fits(match, "pid", int.MaxValue) && match.Groups["pid"].Value != "0"
            && Fits(match, "start", ulong.MaxValue)
            && Fits(match, "inode", ulong.MaxValue)
            && Fits(match, "vmas", int.MaxValue)
            && (!match.Groups["execs"].Success
                || (Fits(match, "execs", ulong.MaxValue) && Fits(match, "sequence", uint.MaxValue) && Fits(match, "seconds", long.MaxValue)));
    }

    private static bool Fits(Match match, string name, ulong most)
    {
        string digits = match.Groups[name].Value;
        string limit = most.ToString();
        return digits.Length < limit.Length || (digits.Length == limit.Length && string.CompareOrdinal(digits, limit) <= 0);
    }

    [GeneratedRegex(@"\Acm1-(?<pid>0|[1-9][0-9]*)-(?<start>0|[1-9][0-9]*)-(?<inode>0|[1-9][0-9]*)-(?<vmas>0|[1-9][0-9]*)-[0-9a-f]{32}(-(?<execs>0|[1-9][0-9]*)-(?<sequence>0|[1-9][0-9]*)-(?<seconds>0|[1-9][0-9]*))?\z")]
    private static partial Regex Grammar();
}
