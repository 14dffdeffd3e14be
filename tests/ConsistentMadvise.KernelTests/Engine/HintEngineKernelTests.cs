namespace ConsistentMadvise.KernelTests;

/// <summary>The engine on real targets; its order is tested without any in <c>LaneSchedulerTests</c>.</summary>
public sealed class HintEngineKernelTests
{
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience };

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public async Task ApplyAsync_ManyRequestsForTwoTargets_AppliesEach()
    {
        using RaceTargetProcess first = RaceTargetProcess.Start();
        using RaceTargetProcess second = RaceTargetProcess.Start();
        await using HintEngine engine = new(new HintEngineOptions { MaxConcurrency = 2 });
        using ProcessTarget firstTarget = ProcessTarget.Open(first.Pid);
        using ProcessTarget sameTarget = ProcessTarget.Open(first.Pid);
        using ProcessTarget secondTarget = ProcessTarget.Open(second.Pid);
        HintPlan firstPlan = await PlanAsync(first, firstTarget);
        HintPlan secondPlan = await PlanAsync(second, secondTarget);
        HintRequest[] requests = [new(firstTarget, firstPlan, Patient), new(sameTarget, firstPlan, Patient), new(secondTarget, secondPlan, Patient)];

        HintOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => engine.ApplyAsync(requests[i % requests.Length])));

        Assert.All(outcomes, static outcome => Assert.Equal((HintStatus.Applied, HintReason.None), (outcome.Status, outcome.Reason)));
        Assert.All(outcomes, outcome => Assert.Equal(firstPlan.Bytes, outcome.BytesAdvised));
        first.AssertRuns();
        second.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public async Task Dispose_AfterManyRequests_CompletesEachOnceAndTheTargetRuns()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintRequest request = new(target, await PlanAsync(process, target), Patient with { MaxWindowBytes = (ulong)Environment.SystemPageSize });
        HintEngine engine = new();
        Task<HintOutcome>[] tasks = [.. Enumerable.Range(0, 40).Select(_ => engine.ApplyAsync(request))];
        await tasks[0];

        engine.Dispose();

        Assert.All(tasks, static task => Assert.True(task.Status is TaskStatus.RanToCompletion or TaskStatus.Canceled, $"{task.Status}: {task.Exception}"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.ApplyAsync(request));
        process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public async Task ApplyAsync_PlanOfAnotherProcess_FailsTheTaskAndTheNextIsApplied()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using RaceTargetProcess other = RaceTargetProcess.Start();
        await using HintEngine engine = new();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        using ProcessTarget otherTarget = ProcessTarget.Open(other.Pid);
        HintPlan plan = await PlanAsync(process, target);

        Task<HintOutcome> mistaken = engine.ApplyAsync(new HintRequest(otherTarget, plan, Patient));
        Task<HintOutcome> right = engine.ApplyAsync(new HintRequest(target, plan, Patient with { Consistency = HintConsistency.Unchecked }));

        await Assert.ThrowsAsync<ArgumentException>(() => mistaken);
        Assert.Equal(HintStatus.Applied, (await right).Status);
        process.AssertRuns();
        other.AssertRuns();
    }

    private static async Task<HintPlan> PlanAsync(RaceTargetProcess process, ProcessTarget target)
    {
        (ulong address, ulong stride) = process.Fields(64, 2);
        return HintPlan.Create(await target.CaptureLayoutAsync(), Advice.Cold, [new AddressRange(address, address + (64 * stride))]);
    }
}
