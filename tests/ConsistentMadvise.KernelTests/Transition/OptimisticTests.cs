namespace ConsistentMadvise.KernelTests;

/// <summary>Hints without a freeze: nothing is stopped, and a race is never silent.</summary>
public sealed class OptimisticTests
{
    private static readonly HintOptions Optimistic = new() { Consistency = HintConsistency.Optimistic };

    [KernelTheory(Needs.NiceCapability | Needs.Bpf)]
    [InlineData(LayoutMatch.Layout)]
    [InlineData(LayoutMatch.Ranges)]
    [InlineData(LayoutMatch.Sequence)]
    public void Apply_QuietTarget_IsAppliedWithoutAFreeze(LayoutMatch match)
    {
        using PlannedTarget target = new();
        PhaseActions probe = new();

        HintOutcome outcome = target.Apply(Optimistic with { Match = match }, probe);

        Assert.Equal((HintStatus.Applied, 0, target.Range.Length), (outcome.Status, outcome.Windows, outcome.BytesAdvised));
        Assert.DoesNotContain(TransactionPhase.Freezing, probe.Seen);
        Assert.False(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_TargetMutatesAfterTheHint_IsRaced()
    {
        // The check comes after the call: a change right after the hint cannot be distinguished from one during it, and is reported too.
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => target.Process.Map(1));

        Assert.Equal(HintStatus.Raced, target.Apply(Optimistic, probe).Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_StaleBefore_IsStaleAndNothingIsHinted()
    {
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Opened, () => target.Process.Map(1));

        HintOutcome outcome = target.Apply(Optimistic, probe);

        Assert.Equal((HintStatus.Stale, 0ul), (outcome.Status, outcome.BytesAdvised));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf | Needs.Ptrace)]
    public void Apply_FreezeAfterRace_AppliesUnderAFreezeAndReportsTheRace()
    {
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Prechecked, () => target.Process.Protect(target.Elsewhere, PlannedTarget.Pages, "rw")); // changes nothing, and locks

        HintOutcome outcome = target.Apply(Optimistic with { FreezeAfterRace = true }, probe);

        Assert.Equal((HintStatus.Applied, 1, true), (outcome.Status, outcome.Windows, outcome.HasRaced));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_Collapse_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(1024);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutSnapshot layout = target.CaptureLayoutAsync().AsTask().GetAwaiter().GetResult();
        HintPlan plan = HintPlan.Create(layout, Advice.Collapse, vma => vma.Start == address);

        HintOutcome outcome = target.Apply(plan, Optimistic);

        Assert.Equal((HintStatus.Refused, HintReason.CollapseMovesTheSequence), (outcome.Status, outcome.Reason));
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf | Needs.Ptrace | Needs.X64)]
    public void Frozen_SharerMutatesInTheWindow_IsRaced()
    {
        // A sharer of the address space runs on while every thread is held; the sequence gives it away.
        using PlannedTarget target = new();
        using Sharer sharer = target.Process.StartSharer();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => sharer.Unmap(target.Elsewhere, PlannedTarget.Pages));

        HintOutcome outcome = target.Apply(new HintOptions { Sharers = SharerPolicy.Ignore }, probe);

        Assert.Equal(HintStatus.Raced, outcome.Status);
        target.Process.AssertRuns();
    }
}
