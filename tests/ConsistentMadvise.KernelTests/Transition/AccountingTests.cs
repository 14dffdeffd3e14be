namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel did, range by range.</summary>
public sealed class AccountingTests
{
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience };
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_LockedVmaBetween_SkipsItAndAdvisesTheOthers()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(5, 2);
        process.Lock(address + 2 * stride, 2);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, Advice.Cold, [new AddressRange(address, address + 5 * stride)]);

        HintOutcome outcome = target.Apply(plan, Patient);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.SomeRangesFailed), (outcome.Status, outcome.Reason));
        Assert.Equal(
            [RangeStatus.Advised, RangeStatus.Advised, RangeStatus.Skipped, RangeStatus.Advised, RangeStatus.Advised],
            outcome.Ranges.Select(static range => range.Status));
        Assert.Equal(22, outcome.Ranges[2].Errno); // EINVAL
        Assert.Equal(4 * stride, outcome.BytesAdvised);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_OnlyLockedVmas_IsRefused()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(4);
        process.Lock(address, 4);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        HintOutcome outcome = target.Apply(PlanOf(target, Advice.PageOut, [new AddressRange(address, address + 4 * Page)]), Patient);

        Assert.Equal((HintStatus.Refused, HintReason.AllRangesFailed, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        Assert.Equal(RangeStatus.Skipped, Assert.Single(outcome.Ranges).Status);
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_HoleInARange_IsIncompleteAndTheNextIsStillAdvised()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong first = process.MapTouched(8);
        ulong second = process.MapTouched(2);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, Advice.Cold, [new AddressRange(first, first + 8 * Page), new AddressRange(second, second + 2 * Page)]);
        process.Unmap(first + 3 * Page, 1);

        HintOutcome outcome = target.Apply(plan, new HintOptions { Consistency = HintConsistency.Unchecked });

        RangeOutcome holed = outcome.Ranges.Single(range => range.Range.Start == first);
        RangeOutcome whole = outcome.Ranges.Single(range => range.Range.Start == second);
        Assert.Equal(HintStatus.PartlyApplied, outcome.Status);
        Assert.Equal((RangeStatus.Incomplete, 12, 0ul), (holed.Status, holed.Errno, holed.BytesAdvised)); // ENOMEM: advised, and not counted
        Assert.Equal((RangeStatus.Advised, 2 * Page), (whole.Status, whole.BytesAdvised));
        Assert.Equal(2 * Page, outcome.BytesAdvised);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_MoreRangesThanOneCallCarries_AdvisesAll()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(2500, 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        PhaseActions probe = new();

        HintOutcome outcome = TargetTransactions.Run(
            target,
            PlanOf(target, Advice.Cold, [new AddressRange(address, address + 2500 * stride)]),
            new HintOptions { MaxPause = Timeout.InfiniteTimeSpan, FreezeTimeout = Eventually.Patience },
            probe,
            CancellationToken.None);

        Assert.Equal((HintStatus.Applied, 2500 * stride), (outcome.Status, outcome.BytesAdvised));
        Assert.Equal(3, probe.Seen.Count(static phase => phase == TransactionPhase.Advised)); // 1024 + 1024 + 452
        Assert.Equal(1, outcome.Windows);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Advise_TokenStillTrue_AppliesAndOtherwiseIsStale()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(4);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutToken token = target.ReadToken();
        AddressRange[] ranges = [new(address, address + 4 * Page)];

        HintOutcome fresh = target.Advise(ranges, Advice.Cold, token, Patient);
        process.Map(1);
        HintOutcome stale = target.Advise(ranges, Advice.Cold, token, Patient);

        Assert.Equal((HintStatus.Applied, 4 * Page), (fresh.Status, fresh.BytesAdvised));
        Assert.Equal((HintStatus.Stale, HintReason.LayoutChanged), (stale.Status, stale.Reason));
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ProbeThrows_ThawsAndPassesItOn()
    {
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, static () => throw new InvalidTimeZoneException("a test"));

        Assert.Throws<InvalidTimeZoneException>(() => target.Apply(HintOptions.Default, probe));

        target.Process.AssertRuns();
    }

    private static HintPlan PlanOf(ProcessTarget target, Advice advice, IEnumerable<AddressRange> ranges)
    {
        LayoutSnapshot layout = target.Capture();
        return HintPlan.Create(layout, advice, ranges);
    }
}
