using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Plans that take several windows: what becomes of them when the target changes, or the caller cancels, between two.</summary>
public sealed class WindowTests
{
    private const int Pages = 1024;

    /// <summary>Every window makes the least progress there is.</summary>
    private static readonly HintOptions Shortest = new()
    {
        MaxPause = Eventually.Patience,
        MaxWindowBytes = (ulong)Environment.SystemPageSize,
        RestBetweenWindows = TimeSpan.Zero,
        FreezeTimeout = Eventually.Patience,
    };

    private static readonly ulong Bytes = Pages * (ulong)Environment.SystemPageSize;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_PauseTooShortForThePlan_IsSplitIntoWindows()
    {
        using TwoMappings target = new(Pages);

        HintOutcome outcome = target.Apply(Shortest);

        Assert.Equal((HintStatus.Applied, 2 * Bytes), (outcome.Status, outcome.BytesAdvised));
        Assert.Equal((2 * Pages, 0), (outcome.Windows, outcome.Overruns));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_NoBound_IsOneWindowThatOverrunsNothing()
    {
        using TwoMappings target = new(Pages);

        HintOutcome outcome = target.Apply(Shortest with { MaxPause = Timeout.InfiniteTimeSpan, MaxWindowBytes = ulong.MaxValue });

        Assert.Equal((HintStatus.Applied, 1, 0), (outcome.Status, outcome.Windows, outcome.Overruns));
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(LayoutMatch.Layout, HintStatus.PartlyApplied, HintReason.LayoutChanged)]
    [InlineData(LayoutMatch.Ranges, HintStatus.Applied, HintReason.None)]
    public void Apply_SomethingElseChangesBetweenTwoWindows_StopsUnlessTheRangesHold(LayoutMatch match, HintStatus status, HintReason reason)
    {
        using TwoMappings target = new(Pages);

        HintOutcome outcome = target.Apply(Shortest with { Match = match }, PhaseActions.At(TransactionPhase.Thawed, () => target.Process.Map(1)));

        Assert.Equal((status, reason), (outcome.Status, outcome.Reason));
        Assert.Equal(status == HintStatus.Applied, outcome.BytesAdvised == 2 * Bytes);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_OnePlannedMappingGoesBetweenTwoWindows_AdvisesTheOther(bool isFirst)
    {
        using TwoMappings target = new(Pages);
        AddressRange gone = isFirst ? target.Plan.Ranges[0] : target.Plan.Ranges[1];

        HintOutcome outcome = target.Apply(
            Shortest with { Match = LayoutMatch.Ranges }, PhaseActions.At(TransactionPhase.Thawed, () => target.Process.Unmap(gone.Start, Pages)));

        Assert.Equal((HintStatus.PartlyApplied, HintReason.LayoutChanged), (outcome.Status, outcome.Reason));
        Assert.Equal(RangeStatus.Stale, outcome.Ranges.Single(range => range.Range == gone).Status);
        Assert.Equal((RangeStatus.Advised, Bytes), outcome.Ranges.Where(range => range.Range != gone).Select(static range => (range.Status, range.BytesAdvised)).Single());
        Assert.Equal(outcome.BytesAdvised, outcome.Ranges.Aggregate(0ul, static (sum, range) => sum + range.BytesAdvised));
        Assert.Contains(outcome.Changes, change => change.Range.Overlaps(gone));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    public void Apply_SequenceMovesBetweenTwoWindows_IsPartlyApplied()
    {
        using TwoMappings target = new(Pages);

        HintOutcome outcome = target.Apply(
            Shortest with { Match = LayoutMatch.Sequence }, PhaseActions.At(TransactionPhase.Thawed, () => target.Process.Unmap(target.Process.Map(1), 1)));

        Assert.Equal((HintStatus.PartlyApplied, HintReason.LayoutChanged), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_CancelledInALongRest_ReportsWhatWasDone()
    {
        using TwoMappings target = new(Pages);
        using CancellationTokenSource source = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Thawed, source.Cancel);

        HintOutcome outcome = target.Apply(Shortest with { RestBetweenWindows = TimeSpan.FromHours(1) }, probe, source.Token);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.Cancelled, 1), (outcome.Status, outcome.Reason, outcome.Windows));
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData(FreezerKind.Signal, true)]
    [InlineData(FreezerKind.Signal, false)]
    public void Apply_WindowWithABound_KeepsTheProcessorAndGivesItBack(FreezerKind freezer, bool hasBound)
    {
        using TwoMappings target = new(1);
        uint during = uint.MaxValue;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Advised, () => during = Policy());
        uint before = Policy();

        HintOutcome outcome = target.Apply(
            Shortest with { Freezer = freezer, MaxPause = hasBound ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan }, probe);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.Equal(hasBound && MayBeRaised() ? Uapi.SCHED_FIFO : before, during);
        Assert.Equal(before, Policy());
        target.Process.AssertRuns();
    }

    private static uint Policy()
    {
        Assert.Equal(Errno.None, Kernel.GetScheduling(out sched_attr attributes));
        return attributes.sched_policy;
    }

    /// <summary>A control group may forbid real-time priorities: tried on a thread that ends with it.</summary>
    private static bool MayBeRaised()
    {
        bool isPermitted = false;
        Thread thread = new(() => isPermitted = Kernel.SetScheduling(new sched_attr { sched_policy = Uapi.SCHED_FIFO, sched_priority = 1 }).Ok);
        thread.Start();
        thread.Join();
        return isPermitted;
    }
}
