namespace ConsistentMadvise.KernelTests;

/// <summary>1.4 TiB that were reserved and never touched held the target for 1.75 s in 200 windows; what holds no page is left out before the first freeze.</summary>
public sealed class ReservedMemoryHeldTheTarget
{
    private const int Pages = 256 * 1024;
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience, MaxPause = Eventually.Patience };

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_NothingIsHeld_IsAppliedWithoutAFreeze(bool isPageOut)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(Pages, "rw");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, address, isPageOut ? Advice.PageOut : Advice.Cold);

        HintOutcome outcome = target.Apply(plan, Patient);

        Assert.Equal((HintStatus.Applied, HintReason.None, 0), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.Equal((0ul, plan.Bytes), (outcome.BytesAdvised, outcome.BytesEmpty));
        Assert.Equal(RangeStatus.Empty, Assert.Single(outcome.Ranges).Status);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_AFewPagesAreHeld_AdvisesThese()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(Pages, "rw");
        process.Touch(address + 8 * HugePage.Bytes, 4);
        process.Touch(address + ((Pages - 1) * Page), 1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, address, Advice.Cold);

        HintOutcome outcome = target.Apply(plan, Patient);

        Assert.Equal((HintStatus.Applied, 1), (outcome.Status, outcome.Windows));
        Assert.InRange(outcome.BytesAdvised, 5 * Page, 3 * HugePage.Bytes);
        Assert.Equal(plan.Bytes, outcome.BytesAdvised + outcome.BytesEmpty);
        Assert.Equal(RangeStatus.Advised, Assert.Single(outcome.Ranges).Status);
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_WillNeed_LeavesNothingOut()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(Pages, "rw");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, address, Advice.WillNeed);

        HintOutcome outcome = target.Apply(plan, Patient with { MaxPause = Timeout.InfiniteTimeSpan });

        Assert.Equal((HintStatus.Applied, plan.Bytes, 0ul), (outcome.Status, outcome.BytesAdvised, outcome.BytesEmpty));
        process.AssertRuns();
    }

    /// <remarks>A scan of an address space that is gone finds nothing, as if nothing were held.</remarks>
    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_AddressSpaceGoesBeforeTheScan_IsNotApplied()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.Map(Pages, "rw");
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanOf(target, address, Advice.Cold);

        HintOutcome outcome = TargetTransactions.Run(target, plan, Patient, new GoesAfterThePrecheck(process, address), CancellationToken.None);

        Assert.Equal(HintStatus.Stale, outcome.Status);
        process.AssertRuns();
    }

    private static HintPlan PlanOf(ProcessTarget target, ulong address, Advice advice) =>
        HintPlan.Create(target.Capture(), advice, [new AddressRange(address, address + (Pages * Page))]);

    /// <summary>Unmaps the planned memory once the precheck has found it.</summary>
    private sealed class GoesAfterThePrecheck(RaceTargetProcess process, ulong address) : ITransactionProbe
    {
        public void At(TransactionPhase phase)
        {
        }

        public IRecheck Substitute(IRecheck recheck) => new UnmapsOnce(recheck, () => process.Unmap(address, Pages));
    }

    private sealed class UnmapsOnce(IRecheck inner, Action unmap) : IRecheck
    {
        private bool _isDone;

        public RecheckResult Run(bool mayDrop)
        {
            RecheckResult result = inner.Run(mayDrop);
            if (!_isDone)
            {
                _isDone = true;
                unmap();
            }

            return result;
        }

        public RecheckResult LookAgain() => inner.LookAgain();
    }
}
