namespace ConsistentMadvise.KernelTests;

/// <summary>Hints for ranges without a freeze: what changes elsewhere does not matter, and a race is reported for the ranges that it touched.</summary>
public sealed class OptimisticRangesTests
{
    private const int Fields = 1500; // two calls
    private const int MADV_RANDOM = 1; // locks the VMA, and does not show in its line

    private static readonly HintOptions Options = new() { Consistency = HintConsistency.Optimistic, Match = LayoutMatch.Ranges };

    [KernelTheory(Needs.NiceCapability | Needs.Bpf)]
    [InlineData(TransactionPhase.Opened)]
    [InlineData(TransactionPhase.Prechecked)]
    [InlineData(TransactionPhase.Advised)]
    public void Apply_ChangesElsewhere_IsApplied(object phase)
    {
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At((TransactionPhase)phase, () => target.Process.Protect(target.Elsewhere, PlannedTarget.Pages, "r"));

        HintOutcome outcome = target.Apply(Options, probe);

        Assert.Equal((HintStatus.Applied, target.Range.Length), (outcome.Status, outcome.BytesAdvised));
        Assert.False(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability | Needs.Bpf | Needs.Ptrace)]
    [InlineData(HintConsistency.Optimistic)]
    [InlineData(HintConsistency.Frozen)]
    public void Apply_CapturedWhileTheTargetNeverRests_IsAppliedAndSeesAChangeOfItsVma(HintConsistency consistency)
    {
        // No read of the whole layout meets such a target at rest, so neither token nor plan has a sequence to compare with.
        using PlannedTarget target = new();
        target.Process.StartChurn(100_000, seed: 3);
        HintOptions options = Options with { Consistency = consistency };
        HintPlan plan = target.Plan();
        Eventually.Holds(() => (plan = target.Plan()).Token.Sequence is null, "no read of the layout meets the target at rest");

        HintOutcome applied = target.Apply(plan, options);
        target.Process.Protect(target.Address, PlannedTarget.Pages, "r");
        target.Process.Protect(target.Address, PlannedTarget.Pages, "rw"); // ABA
        HintOutcome stale = target.Apply(plan, options);
        target.Process.StopChurn();

        Assert.Equal((HintStatus.Applied, target.Range.Length), (applied.Status, applied.BytesAdvised));
        Assert.Equal(HintStatus.Stale, stale.Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_OneOfTwoVmasChangesInTheCall_OnlyItsRangeHasRaced()
    {
        using PlannedTarget target = new();
        AddressRange other = new(target.Elsewhere, target.Elsewhere + target.Range.Length);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.PageOut, [target.Range, other]);
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => target.Process.Protect(target.Address, PlannedTarget.Pages, "r"));

        HintOutcome outcome = target.Apply(plan, Options, probe);

        Assert.Equal((HintStatus.Raced, HintReason.LayoutMovedMeanwhile), (outcome.Status, outcome.Reason));
        Assert.Equal(RangeStatus.Raced, outcome.Ranges.Single(range => range.Range == target.Range).Status);
        Assert.Equal(RangeStatus.Advised, outcome.Ranges.Single(range => range.Range == other).Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_AVmaOfTheSecondCallChangesInTheFirst_OnlyItsRangeIsLeftOut()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(Fields, 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [new AddressRange(address, address + (Fields * stride))]);
        ulong last = plan.Ranges[^1].Start;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => process.Advise(last, 1, MADV_RANDOM));

        HintOutcome outcome = TargetTransactions.Run(target, plan, Options, probe, CancellationToken.None);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.LayoutChanged), (outcome.Status, outcome.Reason));
        Assert.Equal(RangeStatus.Stale, outcome.Ranges[^1].Status);
        Assert.All(outcome.Ranges.SkipLast(1), static range => Assert.Equal(RangeStatus.Advised, range.Status));
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Bpf)]
    public void Apply_AVmaOfTheFirstCallChangesInIt_TheRestIsAdvised()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(Fields, 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [new AddressRange(address, address + (Fields * stride))]);
        ulong second = plan.Ranges[1].Start;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => process.Advise(second, 1, MADV_RANDOM));

        HintOutcome outcome = TargetTransactions.Run(target, plan, Options, probe, CancellationToken.None);

        Assert.Equal((HintStatus.Raced, plan.Bytes), (outcome.Status, outcome.BytesAdvised));
        Assert.Equal([1], outcome.Ranges.Index().Where(static entry => entry.Item.Status == RangeStatus.Raced).Select(static entry => entry.Index));
        Assert.All(outcome.Ranges.Where(static (_, i) => i != 1), static range => Assert.Equal(RangeStatus.Advised, range.Status));
        process.AssertRuns();
    }
}
