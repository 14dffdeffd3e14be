using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>At a load of 35, 24 of 40 plans were done in part only, since one freeze in the middle had timed out; it is tried again after a rest, and what was advised is neither lost nor done twice.</summary>
public sealed class OneUnluckyFreezeEndedThePlan
{
    private const int Pages = 8;
    private static readonly ulong Bytes = Pages * (ulong)Environment.SystemPageSize;
    private static readonly HintOptions PageByPage = new()
    {
        Freezer = FreezerKind.Signal,
        FreezeTimeout = Eventually.Patience,
        MaxPause = Eventually.Patience,
        MaxWindowBytes = (ulong)Environment.SystemPageSize,
        RestBetweenWindows = TimeSpan.Zero,
    };

    [KernelTheory(Needs.NiceCapability)]
    [InlineData(0, 1)]
    [InlineData(0, 4)]
    [InlineData(5, 4)]
    [InlineData(15, 1)]
    public void Apply_FreezesTimeOut_GoesOnAfterARest(int frozenBefore, int failures)
    {
        using TwoMappings target = new(Pages);
        UnluckyProbe probe = new(frozenBefore, failures);

        HintOutcome outcome = target.Apply(PageByPage, probe);

        Assert.Equal((HintStatus.Applied, 2 * Bytes, 2 * Pages), (outcome.Status, outcome.BytesAdvised, outcome.Windows));
        Assert.Equal(2 * Pages + failures, probe.Freezes);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData(0, HintStatus.FreezeTimedOut)]
    [InlineData(3, HintStatus.PartlyApplied)]
    public void Apply_NoFreezeSucceedsAnyMore_EndsAfterFive(int frozenBefore, HintStatus status)
    {
        using TwoMappings target = new(Pages);
        UnluckyProbe probe = new(frozenBefore, int.MaxValue);

        HintOutcome outcome = target.Apply(PageByPage, probe);

        Assert.Equal((status, HintReason.ThreadsDidNotStop), (outcome.Status, outcome.Reason));
        Assert.Equal((frozenBefore, frozenBefore + 5), (outcome.Windows, probe.Freezes));
        Assert.Equal((ulong)(frozenBefore * Environment.SystemPageSize), outcome.BytesAdvised);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_CancelledInTheRestAfterAFailure_IsCancelled()
    {
        using TwoMappings target = new(Pages);
        using CancellationTokenSource source = new();
        UnluckyProbe probe = new(frozenBefore: 2, failures: int.MaxValue, source.Cancel);

        HintOutcome outcome = target.Apply(PageByPage with { RestBetweenWindows = TimeSpan.Zero }, probe, source.Token);

        Assert.Equal((HintStatus.PartlyApplied, HintReason.Cancelled, 3), (outcome.Status, outcome.Reason, probe.Freezes));
        target.Process.AssertRuns();
    }

    /// <summary>Makes some freezes time out, over all freezers that the transaction makes.</summary>
    private sealed class UnluckyProbe(int frozenBefore, int failures, Action? atFailure = null) : ITransactionProbe
    {
        public int Freezes { get; private set; }

        public void At(TransactionPhase phase)
        {
        }

        public IFreezer Substitute(IFreezer freezer) => new UnluckyFreezer(freezer, MayFreeze);

        private bool MayFreeze()
        {
            int number = Freezes++;
            bool mayFreeze = number < frozenBefore || (long)number >= frozenBefore + (long)failures;
            if (!mayFreeze)
            {
                atFailure?.Invoke();
            }

            return mayFreeze;
        }
    }

    private sealed class UnluckyFreezer(IFreezer inner, Func<bool> mayFreeze) : IFreezer
    {
        public FreezerKind Kind => inner.Kind;

        public void WarmUp() => inner.WarmUp();

        public bool TryReserve(long deadline, out TransactionStop refusal) => inner.TryReserve(deadline, out refusal);

        public TransactionStop Survey() => inner.Survey();

        public TransactionStop Freeze(long deadline)
        {
            if (mayFreeze())
            {
                return inner.Freeze(deadline);
            }

            inner.Thaw(); // gives back what was reserved
            return TransactionStop.TimedOut(0);
        }

        public Errno IsHeld(out bool isHeld) => inner.IsHeld(out isHeld);

        public void Thaw() => inner.Thaw();

        public void Dispose() => inner.Dispose();
    }
}
