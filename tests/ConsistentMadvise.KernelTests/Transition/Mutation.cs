namespace ConsistentMadvise.KernelTests;

/// <summary>What a target does to its layout between plan and hint, and the status that each match must give.</summary>
internal sealed record Mutation(string Name, HintStatus UnderLayout, HintStatus UnderRanges, HintStatus UnderSequence)
{
    private const int Pages = PlannedTarget.Pages;

    internal Action<PlannedTarget> Act { get; init; } = static _ => { };

    /// <summary>Whether the planned pages can still be looked at afterwards: they are where they were.</summary>
    internal bool KeepsPlannedPages { get; init; } = true;

    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("nothing", HintStatus.Applied, HintStatus.Applied, HintStatus.Applied),
        new("map", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Map(4) },
        new("unmap elsewhere", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Unmap(t.Elsewhere, Pages) },
        new("unmap planned", HintStatus.Stale, HintStatus.Stale, HintStatus.Stale) { Act = static t => t.Process.Unmap(t.Address, Pages), KeepsPlannedPages = false },
        new("mprotect elsewhere", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Protect(t.Elsewhere, Pages, "r") },
        new("mprotect planned", HintStatus.Stale, HintStatus.Stale, HintStatus.Stale) { Act = static t => t.Process.Protect(t.Address, Pages, "r") },
        new("mprotect part of planned", HintStatus.Stale, HintStatus.Stale, HintStatus.Stale) { Act = static t => t.Process.Protect(t.Address, 1, "r") },
        new("mremap elsewhere", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Remap(t.Elsewhere, Pages, Pages, move: true) },
        new("mremap planned", HintStatus.Stale, HintStatus.Stale, HintStatus.Stale) { Act = static t => t.Process.Remap(t.Address, Pages, Pages, move: true), KeepsPlannedPages = false },
        new("brk", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Break(64) },
        new("remap at the same place, other attributes", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.ReplaceWithOther(t.Elsewhere, Pages) },
        new("remap at the same place, same line (ABA)", HintStatus.Applied, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.ReplaceWithSame(t.Elsewhere, Pages) },
        new("exec", HintStatus.Stale, HintStatus.Stale, HintStatus.Stale) { Act = static t => t.Process.Exec(), KeepsPlannedPages = false },
        new("exit", HintStatus.TargetExited, HintStatus.TargetExited, HintStatus.TargetExited) { Act = static t => t.Process.Exit(0), KeepsPlannedPages = false },
        new("fork", HintStatus.Applied, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.Fork(), KeepsPlannedPages = false },
        new("thread creation", HintStatus.Stale, HintStatus.Applied, HintStatus.Stale) { Act = static t => t.Process.StartThread() },
    ];

    public HintStatus Under(LayoutMatch match) => match switch
    {
        LayoutMatch.Sequence => UnderSequence,
        LayoutMatch.Ranges => UnderRanges,
        _ => UnderLayout,
    };

    public override string ToString() => Name;
}
