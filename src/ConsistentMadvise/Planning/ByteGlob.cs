namespace ConsistentMadvise;

/// <summary>Matches bytes with a pattern: <c>*</c> is any bytes, <c>?</c> is one byte, any other byte is itself.</summary>
internal static class ByteGlob
{
    /// <summary>Returns whether the whole text matches.</summary>
    /// <remarks>
    /// Backtracks only to the last <c>*</c>: it can match whatever an earlier one could match in addition. So the time is at
    /// most the product of the lengths, for any names that a target gives its files.
    /// </remarks>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int p = 0, t = 0, star = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                starText = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++starText;
            }
            else
            {
                return false;
            }
        }

        return !pattern[p..].ContainsAnyExcept((byte)'*');
    }
}
