using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>Where the pause has no bound, each call put the pause limit off: also one that was asked for, and that is a bound then.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class EachCallPutALimitOffThatWasAskedFor
{
    private const int MoreThanACallTakes = 1100;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(600);

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_CallsThatTogetherTakeLonger_IsThawedAtTheLimit()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        for (int i = 0; i < MoreThanACallTakes; i++)
        {
            target.Process.MapTouched(1);
            target.Process.Map(1, "r"); // two that touch and are alike would be one VMA
        }

        SlowCalls calls = new(TimeSpan.FromTicks(Limit.Ticks * 7 / 10));
        HintOptions options = new() { Freezer = FreezerKind.Cgroup, MaxPause = Timeout.InfiniteTimeSpan, FreezeTimeout = Eventually.Patience, PauseLimit = Limit };
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);

        HintOutcome outcome = TargetTransactions.Run(target.Target, plan, options, calls, CancellationToken.None);

        Assert.Equal((HintStatus.Raced, HintReason.PauseLimitReached), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }

    /// <summary>Each call takes less than the limit, two take more. One that meets the limit goes on until the guard has acted, which may wait for a processor.</summary>
    private sealed class SlowCalls(TimeSpan time) : ITransactionProbe
    {
        private IFreezer? _freezer;

        public void At(TransactionPhase phase)
        {
            long begin = Stopwatch.GetTimestamp();
            Eventually.Holds(() => phase != TransactionPhase.Advised || (_freezer!.IsPastLimit ? _freezer.HasFired : Stopwatch.GetElapsedTime(begin) > time), "the call has taken its time");
        }

        public IFreezer Substitute(IFreezer freezer) => _freezer = freezer;
    }
}
