namespace ConsistentMadvise.Samples;

/// <summary>The cookie as it was proposed, for a caller that keeps its own ranges.</summary>
internal static class TokenSample
{
    public static HintOutcome Advise(ProcessTarget target, Func<LayoutToken, IEnumerable<AddressRange>> chooseRanges)
    {
        // <token>
        LayoutToken token = target.ReadToken();
        IEnumerable<AddressRange> ranges = chooseRanges(token);
        HintOutcome outcome = target.Advise(ranges, Advice.Cold, token);    // Stale if the layout is no longer that of the token
        // </token>
        return outcome;
    }
}
