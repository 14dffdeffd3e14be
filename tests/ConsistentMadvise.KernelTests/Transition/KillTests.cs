namespace ConsistentMadvise.KernelTests;

/// <summary>The target is killed at each phase, under each freezer.</summary>
public sealed class KillTests
{
    public static TheoryData<string, FreezerKind> Cells()
    {
        TheoryData<string, FreezerKind> cells = [];
        foreach (TransactionPhase phase in Enum.GetValues<TransactionPhase>())
        {
            foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
            {
                cells.Add(phase.ToString(), freezer);
            }
        }

        return cells;
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Cells))]
    public void Apply_TargetKilled_ReportsThatItExited(string name, FreezerKind freezer)
    {
        TransactionPhase phase = Enum.Parse<TransactionPhase>(name);
        using PlannedTarget target = new PlannedTarget().InCgroup();
        bool isHeldByUs = freezer == FreezerKind.Ptrace && phase is TransactionPhase.Frozen or TransactionPhase.Rechecked or TransactionPhase.Advised;
        PhaseActions probe = PhaseActions.At(phase, () =>
        {
            target.Process.Kill();
            if (!isHeldByUs)
            {
                target.Process.WaitUntilGone(); // a tracee is reaped by its tracer first, which is this very thread
            }
        });

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);

        Assert.Equal(HintStatus.TargetExited, outcome.Status);
        Assert.Contains(phase, probe.Seen);
        target.Process.WaitUntilGone();
    }
}
