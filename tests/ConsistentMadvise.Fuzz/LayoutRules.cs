namespace ConsistentMadvise.Fuzz;

/// <summary>What holds for every layout, also one whose lines contradict each other.</summary>
internal static class LayoutRules
{
    private static readonly ulong PageMask = (ulong)Environment.SystemPageSize - 1;

    public static void Check(LayoutSnapshot layout)
    {
        Oracle.Same(0, layout.DiffTo(layout).Count);
        ulong end = 0;
        bool isSorted = true, isAligned = true;
        foreach (Vma vma in layout)
        {
            isSorted &= vma.Start >= end;
            isAligned &= ((vma.Start | vma.End) & PageMask) == 0;
            end = vma.End;
        }

        if (isSorted)
        {
            CheckSearch(layout);
        }

        if (isAligned)
        {
            // Planned ranges are apart and each inside its VMA, even where lines overlap.
            HintPlan plan = HintPlan.Create(layout, Advice.Cold, static _ => true);
            PlanRules.Check(plan);
            Oracle.Holds(!isSorted || plan.Ranges.Count == layout.Count(static vma => !vma.IsSpecial));
        }
    }

    private static void CheckSearch(LayoutSnapshot layout)
    {
        ulong end = 0;
        foreach (Vma vma in layout)
        {
            Oracle.Holds(layout.TryFind(vma.Start, out Vma first) && first == vma);
            Oracle.Holds(layout.TryFind(vma.End - 1, out Vma last) && last == vma);
            Oracle.Holds(end == vma.Start || !layout.TryFind(vma.Start - 1, out _));
            end = vma.End;
        }
    }
}
