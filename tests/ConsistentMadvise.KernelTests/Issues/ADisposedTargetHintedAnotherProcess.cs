namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A target was disposed while its request still ran, and the kernel gave its descriptors to the next target that was opened: that one lost its pages, never planned, and
/// the outcome said <see cref="HintStatus.Applied"/>. A use keeps the descriptors open from the request to its completion.
/// </summary>
public sealed class ADisposedTargetHintedAnotherProcess
{
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience };

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_TargetDisposedInTheWindowAndAnotherOpened_HintsThePlannedOneAlone(FreezerKind freezer)
    {
        using PlannedTarget planned = new PlannedTarget().InCgroup();
        using PlannedTarget other = new();
        ProcessTarget? opened = null;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, () =>
        {
            planned.Target.Dispose();
            opened = ProcessTarget.Open(other.Process.Pid);
        });

        HintOutcome outcome = planned.Apply(new HintOptions { Freezer = freezer }, probe);

        using (opened)
        {
            Assert.Equal(HintStatus.Applied, outcome.Status);
            Assert.False(planned.IsUntouched);
            Assert.True(other.IsUntouched);
            planned.Process.AssertRuns();
            other.Process.AssertRuns();
        }
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public async Task ApplyAsync_TargetDisposedWhileItsRequestWaits_IsDoneAllTheSame()
    {
        using PlannedTarget first = new();
        using PlannedTarget second = new();
        using HintEngine engine = new(new HintEngineOptions { MaxConcurrency = 1 });
        HintPlan plan = second.Plan();
        using ManualResetEventSlim isHeld = new();
        using ManualResetEventSlim mayGoOn = new();
        Task<HintOutcome> ahead = Task.Run(() => first.Apply(HintOptions.Default, PhaseActions.At(TransactionPhase.Opened, () =>
        {
            isHeld.Set();
            mayGoOn.Wait();
        })));
        isHeld.Wait();

        // The engine's only thread waits for the first target, whose transaction is held.
        Task<HintOutcome> blocked = engine.ApplyAsync(new HintRequest(first.Target, first.Plan(), Patient));
        Task<HintOutcome> waiting = engine.ApplyAsync(new HintRequest(second.Target, plan, Patient));
        second.Target.Dispose();
        mayGoOn.Set();

        Assert.Equal(HintStatus.Applied, (await waiting).Status);
        Assert.Throws<ObjectDisposedException>(() => second.Target.HasExited);
        await ahead;
        await blocked;
        first.Process.AssertRuns();
        second.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public async Task AnyUse_AfterDispose_Throws()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        using HintEngine engine = new();

        target.Target.Dispose();

        Assert.Throws<ObjectDisposedException>(() => target.Target.Apply(plan));
        Assert.Throws<ObjectDisposedException>(() => target.Target.ReadToken());
        Assert.Throws<ObjectDisposedException>(() => target.Target.Capture());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.ApplyAsync(new HintRequest(target.Target, plan)));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_PlanOfADisposedTarget_IsAppliedThroughAnother()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        target.Target.Dispose();
        using ProcessTarget again = ProcessTarget.Open(target.Process.Pid);

        HintOutcome outcome = again.Apply(plan, Patient);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.False(target.IsUntouched);
        target.Process.AssertRuns();
    }
}
