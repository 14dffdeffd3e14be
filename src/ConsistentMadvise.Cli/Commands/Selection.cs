using System.CommandLine;
using System.CommandLine.Parsing;

namespace ConsistentMadvise.Cli;

/// <summary>The options that <c>plan</c> and <c>apply</c> share: which part of the target gets which advice.</summary>
internal sealed class Selection
{
    private readonly Option<VmaFilter> _filter = Options.Filter(
        $"Which VMAs, such as anon,private,size>=64K,!stack,path=*.so. Without --filter and --range: {VmaFilter.Default}. With --range: only the parts in these VMAs.");

    private readonly Option<AddressRange[]> _ranges = Options.Ranges();

    public Option<Advice?> AdviceOption { get; } = Options.Advice();

    public void AddTo(Command command)
    {
        command.Options.Add(AdviceOption);
        command.Options.Add(_filter);
        command.Options.Add(_ranges);
    }

    /// <summary>The name of a selection option that was given; null if none was.</summary>
    public string? FirstGiven(CommandResult result) =>
        new Option[] { AdviceOption, _filter, _ranges }.FirstOrDefault(option => result.GetResult(option) is not null)?.Name;

    /// <summary>Makes the plan that the options ask for.</summary>
    public HintPlan Plan(LayoutSnapshot layout, ParseResult parsed, CommandOutput output)
    {
        Advice advice = parsed.GetValue(AdviceOption)!.Value;
        VmaFilter? filter = parsed.GetValue(_filter);
        AddressRange[] ranges = parsed.GetValue(_ranges) ?? [];
        if (filter is null && ranges.Length == 0)
        {
            filter = VmaFilter.Default;
            output.Message($"No --filter and no --range: selecting {VmaFilter.Default}.");
        }

        HintPlan plan;
        try
        {
            plan = ranges.Length == 0 ? HintPlan.Create(layout, advice, filter!) : PlanRanges(layout, advice, ranges, filter);
        }
        catch (ArgumentException tooMuch)
        {
            // The options are checked: only too many ranges for a plan remain.
            throw new RefusedException($"{tooMuch.Message} Select less at a time, with --filter or --range.");
        }

        if (plan.Ranges.Count == 0)
        {
            output.Message("Nothing is selected: no VMA of the target matches.");
        }

        return plan;
    }

    private static HintPlan PlanRanges(LayoutSnapshot layout, Advice advice, AddressRange[] ranges, VmaFilter? filter)
    {
        if (!HintPlan.TryCreate(layout, advice, ranges, out HintPlan? plan, out string? reason))
        {
            throw new RefusedException(reason);
        }

        if (filter is null)
        {
            return plan;
        }

        // Each range of a plan lies in one VMA.
        IEnumerable<AddressRange> parts = plan.Ranges.Where(range => layout.TryFind(range.Start, out Vma vma) && filter.Matches(vma));
        return HintPlan.TryCreate(layout, advice, parts, out plan, out reason) ? plan : throw new RefusedException(reason);
    }
}
