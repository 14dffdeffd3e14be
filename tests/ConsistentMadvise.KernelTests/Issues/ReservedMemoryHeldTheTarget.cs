namespace ConsistentMadvise.KernelTests;

/// <summary>1.4 TiB of reserved, untouched memory held the target for 1.75 s in 200 windows; ranges without pages are now skipped before the first freeze.</summary>
public sealed class ReservedMemoryHeldTheTarget : IDisposable
{
    private const int Pages = 256 * 1024;
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience, MaxPause = Eventually.Patience };

    private readonly RaceTargetProcess _process = RaceTargetProcess.Start();
    private readonly ProcessTarget _target;
    private readonly ulong _address;

    public ReservedMemoryHeldTheTarget()
    {
        _target = ProcessTarget.Open(_process.Pid);
        _address = _process.Map(Pages, "rw");
    }

    public void Dispose()
    {
        _target.Dispose();
        _process.Dispose();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_NothingIsHeld_IsAppliedWithoutAFreeze(bool isPageOut)
    {
        HintPlan plan = PlanOf(isPageOut ? Advice.PageOut : Advice.Cold);

        HintOutcome outcome = _target.Apply(plan, Patient);

        Assert.Equal((HintStatus.Applied, HintReason.None, 0), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.Equal((0ul, plan.Bytes), (outcome.BytesAdvised, outcome.BytesEmpty));
        Assert.Equal(RangeStatus.Empty, Assert.Single(outcome.Ranges).Status);
        _process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_AFewPagesAreHeld_AdvisesThese()
    {
        _process.Touch(_address + 8 * HugePage.Bytes, 4);
        _process.Touch(_address + ((Pages - 1) * Page), 1);
        HintPlan plan = PlanOf(Advice.Cold);

        HintOutcome outcome = _target.Apply(plan, Patient);

        Assert.Equal((HintStatus.Applied, 1), (outcome.Status, outcome.Windows));
        Assert.InRange(outcome.BytesAdvised, 5 * Page, 3 * HugePage.Bytes);
        Assert.Equal(plan.Bytes, outcome.BytesAdvised + outcome.BytesEmpty);
        Assert.Equal(RangeStatus.Advised, Assert.Single(outcome.Ranges).Status);
        _process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_WillNeed_LeavesNothingOut()
    {
        HintPlan plan = PlanOf(Advice.WillNeed);

        HintOutcome outcome = _target.Apply(plan, Patient with { MaxPause = Timeout.InfiniteTimeSpan });

        Assert.Equal((HintStatus.Applied, plan.Bytes, 0ul), (outcome.Status, outcome.BytesAdvised, outcome.BytesEmpty));
        _process.AssertRuns();
    }

    /// <remarks>A scan of an address space that is gone finds no page, like a scan of untouched memory.</remarks>
    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.PagemapScan)]
    public void Apply_AddressSpaceGoesBeforeTheScan_IsNotApplied()
    {
        HintPlan plan = PlanOf(Advice.Cold);

        HintOutcome outcome = TargetTransactions.Run(_target, plan, Patient, new GoesAfterThePrecheck(_process, _address), CancellationToken.None);

        Assert.Equal(HintStatus.Stale, outcome.Status);
        _process.AssertRuns();
    }

    private HintPlan PlanOf(Advice advice) =>
        HintPlan.Create(_target.Capture(), advice, [new AddressRange(_address, _address + (Pages * Page))]);

    /// <summary>Unmaps the planned memory after the precheck.</summary>
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
