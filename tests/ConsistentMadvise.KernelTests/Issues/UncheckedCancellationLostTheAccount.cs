namespace ConsistentMadvise.KernelTests;

/// <summary>An unchecked transaction that was cancelled between two calls threw, although it had advised; also when it had advised everything.</summary>
public sealed class UncheckedCancellationLostTheAccount
{
    private const int Ranges = 1500; // two calls

    private static readonly HintOptions Unchecked = new() { Consistency = HintConsistency.Unchecked };

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_CancelledBetweenTwoCalls_ReportsWhatWasDone()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using CancellationTokenSource source = new();
        HintPlan plan = PlanOf(process, target);

        HintOutcome outcome = TargetTransactions.Run(target, plan, Unchecked, PhaseActions.At(TransactionPhase.Advised, source.Cancel), source.Token);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.Cancelled), (outcome.Status, outcome.Reason));
        Assert.InRange(outcome.BytesAdvised, 1ul, plan.Bytes - 1);
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_CancelledAfterTheLastCall_IsApplied()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using CancellationTokenSource source = new();
        HintPlan plan = PlanOf(process, target);
        CancelAtTheEnd probe = new(source);

        HintOutcome outcome = TargetTransactions.Run(target, plan, Unchecked, probe, source.Token);

        Assert.True(source.IsCancellationRequested);
        Assert.Equal((HintStatus.Applied, plan.Bytes), (outcome.Status, outcome.BytesAdvised));
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_CancelledBefore_AdvisesNothing()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        PhaseActions probe = new();

        Assert.Throws<OperationCanceledException>(
            () => { _ = TargetTransactions.Run(target, PlanOf(process, target), Unchecked, probe, new CancellationToken(canceled: true)); });

        Assert.DoesNotContain(TransactionPhase.Advised, probe.Seen);
        process.AssertRuns();
    }

    private static HintPlan PlanOf(RaceTargetProcess process, ProcessTarget target)
    {
        (ulong address, ulong stride) = process.Fields(Ranges, 1);
        LayoutSnapshot layout = target.Capture();
        return HintPlan.Create(layout, Advice.Cold, [new AddressRange(address, address + (Ranges * stride))]);
    }

    /// <summary>Cancels at the second call, which is the last.</summary>
    private sealed class CancelAtTheEnd(CancellationTokenSource source) : ITransactionProbe
    {
        private int _calls;

        public void At(TransactionPhase phase)
        {
            if (phase == TransactionPhase.Advised && ++_calls == 2)
            {
                source.Cancel();
            }
        }
    }
}
