namespace ConsistentMadvise.KernelTests;

/// <summary>Those whom no freeze of the target holds, or who work against it.</summary>
public sealed class OutsiderTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf | Needs.Userfaultfd)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ManagerOfFaultsRegistersInTheWindow_IsRaced(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        UserfaultManager manager = target.Process.ManageFaults(target.Elsewhere, 1);
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, manager.Register);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Raced, freezer), (outcome.Status, outcome.Freezer));
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Userfaultfd)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ManagerOfFaultsRegistersBeforeTheRecheck_IsStale(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        UserfaultManager manager = target.Process.ManageFaults(target.Elsewhere, 1);
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, manager.Register);

        HintOutcome outcome = target.Apply(target.PlanWithoutSequence(), new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Stale, 0ul), (outcome.Status, outcome.BytesAdvised));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ChildOfTheTargetTracesIt_IsRefusedUntilThatEnds(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        HintOptions options = new() { Freezer = freezer, Match = LayoutMatch.Ranges };
        int tracer = target.Process.StartTracer();
        HintPlan plan = target.Plan(); // after the fork, which locks every VMA
        target.InCgroup(); // after the fork: the child stays outside

        HintOutcome outcome = target.Apply(plan, options);

        Assert.Equal((HintStatus.Refused, HintReason.TracedByAnother), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        Assert.Contains($"TracerPid:\t{tracer}", File.ReadAllLines($"/proc/{target.Process.Pid}/status"));
        target.Process.EndTracer();
        target.Process.AssertRuns();
        Assert.Equal(HintStatus.Applied, target.Apply(plan, options).Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_TargetContinuesItselfAllTheTime_IsNeverTakenForFrozenWhileItRuns()
    {
        using PlannedTarget target = new();
        target.Process.StartContinuing();
        HashSet<HintStatus> seen = [];
        for (int time = 0; time < 50; time++)
        {
            List<string> before = [], after = [];
            PhaseActions probe = PhaseActions
                .At(TransactionPhase.Frozen, () =>
                {
                    Eventually.Holds(() => OffProcessor.IsTrueOf(target.Process.Pid) || HasContinued(target), "the threads have left their processors, or run again");
                    before.AddRange(RunTimes(target));
                })
                .Then(TransactionPhase.Advised, () => after.AddRange(RunTimes(target)));

            HintOutcome outcome = TargetTransactions.Run(
                target.Target, target.Plan(), new HintOptions { Freezer = FreezerKind.Signal, FreezeTimeout = TimeSpan.FromMilliseconds(200) }, probe, CancellationToken.None);

            seen.Add(outcome.Status);
            Assert.True(
                outcome.Status is HintStatus.Applied or HintStatus.Raced || (outcome.Status, outcome.Reason) is (HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop),
                $"{outcome.Status}: {outcome.Reason}");
            if (outcome.Status == HintStatus.Applied)
            {
                Assert.NotEmpty(before);
                Assert.Equal(before, after); // no thread ran between the two looks
            }

            target.Process.Send("ping");
        }

        Assert.NotEmpty(seen);
        target.Process.StopContinuing();
        target.Process.AssertRuns();
    }

    private static bool HasContinued(PlannedTarget target) => ThreadStatus.ReadAll(target.Process.Pid).Any(static thread => !thread.IsStopped);

    /// <summary>How long each thread has been on a processor, and how often (<c>schedstat</c>).</summary>
    private static IEnumerable<string> RunTimes(PlannedTarget target) =>
        from thread in Directory.GetDirectories($"/proc/{target.Process.Pid}/task")
        orderby thread
        select File.ReadAllText(Path.Combine(thread, "schedstat"));
}
