namespace ConsistentMadvise.KernelTests;

/// <summary>The part of the matrix that no phase of a transaction can reach: what happens while some threads are held and others not yet.</summary>
public sealed class HalfwayMatrixTests
{
    public static TheoryData<HalfwayEvent, FreezerKind> Cells()
    {
        TheoryData<HalfwayEvent, FreezerKind> cells = [];
        foreach (HalfwayEvent what in Enum.GetValues<HalfwayEvent>())
        {
            cells.Add(what, FreezerKind.Ptrace);
            cells.Add(what, FreezerKind.Cgroup);
            cells.Add(what, FreezerKind.Signal);
        }

        return cells;
    }

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf | Needs.Userfaultfd | Needs.Compiler)]
    [MemberData(nameof(Cells))]
    public void EachMatch_EndsAsItMust(HalfwayEvent what, FreezerKind freezer)
    {
        foreach (MatrixMatch match in MatrixMatch.All)
        {
            using HalfwayTarget scene = new();
            using ProcessTarget target = ProcessTarget.Open(scene.Pid);
            HintPlan plan = scene.Plan(target, match.WithSequence);
            HalfwayProbe probe = new(scene, what);
            HintOptions options = new() { Match = match.Match, Freezer = freezer, FreezeTimeout = Eventually.Patience, MaxPause = Timeout.InfiniteTimeSpan };

            HintOutcome outcome = TargetTransactions.Run(target, plan, options, probe, CancellationToken.None);

            TransactionStop freeze = probe.Results[0];
            Assert.Contains((freeze.Status, freeze.Reason), HalfwayCell.Freeze(what, freezer).Select(static result => (result.Status, result.Reason)));
            CellResult result = new(outcome.Status, scene.Look());
            Assert.True(HalfwayCell.Transaction(what, freezer).Contains(result), $"{match}: {result.Sign}, {outcome}");
            scene.AssertEnd(what);
        }
    }
}
