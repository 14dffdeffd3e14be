namespace ConsistentMadvise.KernelTests;

/// <summary>How a transaction ends that something happened to in the middle of its freeze.</summary>
internal static class HalfwayCell
{
    private static CellResult LeftAlone => new(HintStatus.TargetExited, Verdict.LeftAlone);

    private static CellResult AsPlanned => new(HintStatus.Applied, Verdict.AsPlanned);

    /// <summary>As the matrix calls it.</summary>
    public static string Name(HalfwayEvent what) => what switch
    {
        HalfwayEvent.Exec => "exec by that thread, which is not the leader",
        HalfwayEvent.Continue => "SIGCONT from another",
        HalfwayEvent.Kill => "SIGKILL from another",
        _ => "nothing",
    };

    /// <summary>What the freeze itself may return that it happens to.</summary>
    /// <remarks>
    /// An exec ends the held threads. By cgroup and signal the freeze goes on, to hold the thread that is left: in the new program. And of killed threads that have not
    /// ended yet the kernel may say that their cgroup is frozen.
    /// </remarks>
    public static TransactionStop[] Freeze(HalfwayEvent what, FreezerKind freezer) => (what, freezer) switch
    {
        (HalfwayEvent.Kill, FreezerKind.Cgroup) => [TransactionStop.TargetExited, TransactionStop.None],
        (HalfwayEvent.Kill, _) => [TransactionStop.TargetExited],
        (HalfwayEvent.Exec, FreezerKind.Ptrace) => [TransactionStop.Executing(0)],
        _ => [TransactionStop.None],
    };

    /// <summary>What the transaction may say, and the pages, whatever the match.</summary>
    public static CellResult[] Transaction(HalfwayEvent what, FreezerKind freezer) => (what, freezer) switch
    {
        (HalfwayEvent.Kill, FreezerKind.Cgroup) => [LeftAlone, LeftAlone with { Verdict = Verdict.AsPlanned }, AsPlanned, AsPlanned with { Status = HintStatus.Raced }],
        (HalfwayEvent.Kill, _) => [LeftAlone],
        (HalfwayEvent.Exec, _) => [new(HintStatus.Stale, Verdict.LeftAlone)],
        _ => [AsPlanned],
    };

    /// <summary>The entry of the matrix.</summary>
    public static string Entry(HalfwayEvent what, FreezerKind freezer)
    {
        string signs = string.Join(" or ", Transaction(what, freezer).Select(static result => result.Sign));
        return Freeze(what, freezer)[0].Status == HintStatus.FreezeTimedOut ? $"{signs}, by the next freeze" : signs;
    }
}
