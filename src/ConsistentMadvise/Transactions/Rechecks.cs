namespace ConsistentMadvise;

/// <summary>Chooses how a plan is rechecked.</summary>
internal static class Rechecks
{
    public static IRecheck Create(ProcessTarget target, HintPlan plan, LayoutMatch match)
    {
        if (match == LayoutMatch.Layout)
        {
            return new LayoutRecheck(target, plan);
        }

        RangesTextRecheck text = new(target, plan);
        bool isQueryCheaper = (long)plan.Vmas.Length * RangesQueryRecheck.TextLinesPerQuery < plan.Token.VmaCount;
        return isQueryCheaper ? new RangesQueryRecheck(target, plan, text) : text;
    }
}
