namespace ConsistentMadvise.KernelTests;

/// <summary>
/// Another process traced a thread of the target that is not its leader, and continued it after every stop: the freezer saw a stopped leader, and hints met
/// memory that the thread had mapped again.
/// </summary>
public sealed class ATracedWorkerRanInTheWindow
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_AWorkerIsTraced_IsRefusedBeforeAnythingStops(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(3);
        using CProgram tracer = Trace(target);
        PhaseActions probe = new();

        HintOutcome outcome = target.Apply(target.PlanWithoutSequence(), new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Refused, HintReason.TracedByAnother), (outcome.Status, outcome.Reason));
        Assert.Equal(0, outcome.Windows);
        Assert.DoesNotContain(TransactionPhase.Frozen, probe.Seen);
        Assert.True(target.IsUntouched);
        tracer.Finish();
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ATracerComesInTheWindow_IsRaced(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(3);
        CProgram? tracer = null;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => tracer = Trace(target));

        HintOutcome outcome = target.Apply(target.PlanWithoutSequence(), new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Raced, HintReason.ThawedByAnother), (outcome.Status, outcome.Reason));
        tracer!.Finish();
        tracer.Dispose();
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_TheTargetIsMovedOutOfItsFrozenGroup_IsRaced(bool named)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => TestCgroup.Release(target.Process.Pid));

        HintOutcome outcome = target.Apply(
            target.PlanWithoutSequence(), new HintOptions { Freezer = FreezerKind.Cgroup, Cgroup = named ? target.Cgroup.Path : null }, probe);

        Assert.Equal((HintStatus.Raced, HintReason.ThawedByAnother), (outcome.Status, outcome.Reason));
        Assert.False(target.Cgroup.IsSetFrozen);
        target.Process.AssertRuns();
    }

    /// <summary>Traces a thread that is not the leader.</summary>
    private static CProgram Trace(PlannedTarget target)
    {
        int worker = ThreadStatus.ReadAll(target.Process.Pid).Select(static thread => thread.Tid).First(tid => tid != target.Process.Pid);
        CProgram tracer = CProgram.Start("seizer", $"{worker}");
        Assert.Equal($"{tracer.Pid}", tracer.ReadLine());
        return tracer;
    }
}
