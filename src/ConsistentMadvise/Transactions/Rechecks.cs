namespace ConsistentMadvise;

/// <summary>Chooses how a plan is rechecked.</summary>
internal static class Rechecks
{
    /// <summary>Makes the recheck of a match; null when it needs the sequence and that cannot be had.</summary>
    public static IRecheck? Create(ProcessTarget target, HintPlan plan, HintOptions options, PlanRemainder remainder)
    {
        IRecheck? text = options.Match == LayoutMatch.Sequence ? null : CreateText(target, plan, options.Match, remainder);
        IRecheck? behind = plan.Advice == Advice.Collapse ? text ?? new LayoutRecheck(target, plan) : null;
        SequenceRecheck sequence = new(target, plan, text, behind);
        return sequence.IsPossible ? sequence
            : options.Consistency == HintConsistency.Optimistic ? null
            : text;
    }

    public static IRecheck CreateText(ProcessTarget target, HintPlan plan, LayoutMatch match, PlanRemainder remainder)
    {
        if (match == LayoutMatch.Layout)
        {
            return new LayoutRecheck(target, plan);
        }

        RangesTextRecheck text = new(target, plan, remainder);
        bool isQueryCheaper = (long)plan.Vmas.Length * RangesQueryRecheck.TextLinesPerQuery < plan.Token.VmaCount;
        return isQueryCheaper ? new RangesQueryRecheck(target, plan, remainder, text) : text;
    }
}
