namespace ConsistentMadvise.KernelTests;

/// <summary>60,000 VMAs without the sequence, or 800 threads, were held for most of a second in windows of one page each; the plan is refused with the pause that it needs.</summary>
public sealed class WindowsCostMoreThanTheyCarried
{
    private const int Pages = 16 * 1024;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ComparingTakesLongerThanThePause_IsRefusedBeforeAnyFreeze()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Fields(10_000, 1); // their text takes ten times the pause, on the fastest machine
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanWithoutSequence(target, process.MapTouched(Pages));

        HintOutcome outcome = ApplyByText(target, plan);

        Assert.Equal((HintStatus.Refused, HintReason.PauseTooShort, 0), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.Equal((TimeSpan.Zero, 0ul), (outcome.TotalPause, outcome.BytesAdvised));
        Assert.True(outcome.PauseNeeded >= TimeSpan.FromMilliseconds(1), $"{outcome.PauseNeeded}");
        Assert.Contains($"{outcome.PauseNeeded.TotalMilliseconds} ms", outcome.Message, StringComparison.Ordinal);
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_FreezingTakesLongerThanThePause_IsRefusedInTheFirstWindow(FreezerKind freezer)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.StartThreads(400);
        ulong address = process.MapTouched(Pages);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan plan = PlanWithoutSequence(target, address);

        HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, MaxPause = TimeSpan.FromMicroseconds(100), FreezeTimeout = Eventually.Patience });

        Assert.Equal((HintStatus.Refused, HintReason.PauseTooShort), (outcome.Status, outcome.Reason));
        Assert.InRange(outcome.Windows, 0, 1);
        Assert.True(outcome.PauseNeeded >= TimeSpan.FromMilliseconds(1), $"{outcome.PauseNeeded}");
        process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_WhatIsLeftFitsIntoTheFirstWindow_IsApplied()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Fields(10_000, 1);
        ulong address = process.MapTouched(1);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        HintOutcome outcome = ApplyByText(target, PlanWithoutSequence(target, address, pages: 1));

        Assert.Equal((HintStatus.Applied, 1), (outcome.Status, outcome.Windows));
        process.AssertRuns();
    }

    private static HintOutcome ApplyByText(ProcessTarget target, HintPlan plan) => TargetTransactions.Run(
        target,
        plan,
        new HintOptions { MaxPause = TimeSpan.FromMicroseconds(50), FreezeTimeout = Eventually.Patience },
        new TextProbe(Rechecks.CreateText(target, plan, LayoutMatch.Layout, new PlanRemainder(plan), plan.Layout!.Space, new TransactionScratch())),
        CancellationToken.None);

    private static HintPlan PlanWithoutSequence(ProcessTarget target, ulong address, int pages = Pages)
    {
        LayoutSnapshot layout = target.Capture();
        LayoutToken text = new(layout.Process, layout.Token.VmaCount, layout.Token.Hash);
        return HintPlan.Create(layout.With(text, layout.CapturedAt), Advice.Cold, [new AddressRange(address, address + (ulong)(pages * Environment.SystemPageSize))]);
    }

    /// <summary>Compares as a machine does that cannot read the sequence.</summary>
    private sealed class TextProbe(IRecheck text) : ITransactionProbe
    {
        public void At(TransactionPhase phase)
        {
        }

        public IRecheck Substitute(IRecheck recheck) => text;
    }
}
