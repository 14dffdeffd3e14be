namespace ConsistentMadvise;

/// <summary>Chooses how a plan is rechecked.</summary>
internal static class Rechecks
{
    /// <summary>Creates the recheck for a match; null if it needs the sequence and that is not available.</summary>
    public static IRecheck? Create(ProcessTarget target, HintPlan plan, HintOptions options, PlanRemainder remainder, AddressSpace? space, TransactionScratch scratch)
    {
        IRecheck? text = options.Match == LayoutMatch.Sequence ? null : CreateText(target, plan, options.Match, remainder, space, scratch);
        IRecheck? after = plan.Advice == Advice.Collapse ? text ?? new LayoutRecheck(target, plan, space, scratch) : null;
        SequenceRecheck sequence = new(target, plan, space, options.Match, text, CreateVmas(target, plan, options, remainder), after);
        return sequence.IsPossible ? sequence
            : options.Consistency == HintConsistency.Optimistic ? null
            : text;
    }

    /// <remarks>A collapse locks the VMA that it works in, so the text decides for it. The text of a running target proves too little to be asked after an optimistic hint.</remarks>
    private static VmaSequenceRecheck? CreateVmas(ProcessTarget target, HintPlan plan, HintOptions options, PlanRemainder remainder)
    {
        bool isOptimistic = options.Consistency == HintConsistency.Optimistic;
        bool isOfUse = options.Match == LayoutMatch.Ranges || (options.Match == LayoutMatch.Layout && !isOptimistic);
        return isOfUse && plan.Advice != Advice.Collapse && VmaSequenceReader.Get(out VmaSequenceReader? reader).IsAvailable
            ? new VmaSequenceRecheck(target, plan, remainder, reader!, isOptimistic)
            : null;
    }

    public static IRecheck CreateText(ProcessTarget target, HintPlan plan, LayoutMatch match, PlanRemainder remainder, AddressSpace? space, TransactionScratch scratch)
    {
        if (match == LayoutMatch.Layout)
        {
            return new LayoutRecheck(target, plan, space, scratch);
        }

        RangesTextRecheck text = new(target, plan, remainder, space, scratch);
        bool isQueryCheaper = (long)plan.Vmas.Length * RangesQueryRecheck.TextLinesPerQuery < plan.Token.VmaCount;
        return isQueryCheaper ? new RangesQueryRecheck(target, plan, remainder, space, text, scratch) : text;
    }
}
