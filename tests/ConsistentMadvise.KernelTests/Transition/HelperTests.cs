using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A transaction that a helper runs has the outcome of one that the caller runs. What happens to either process in a window is in <see cref="WhatHeldUpTheHostHeldItsTarget"/>.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class HelperTests : IDisposable
{
    private static readonly HintOptions Helped = new() { Host = TransactionHost.Helper, FreezeTimeout = Eventually.Patience, PauseLimit = Timeout.InfiniteTimeSpan };

    private readonly string _program = StandingHelper.MakeProgram();

    public HelperTests() => StandingHelper.Use(_program);

    public void Dispose()
    {
        StandingHelper.Use(null);
        File.Delete(_program);
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Ranges)]
    [InlineData(FreezerKind.Signal, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Cgroup, LayoutMatch.Layout)]
    public void Apply_ByTheCommandAsHelper_IsAppliedAsByTheCaller(FreezerKind freezer, LayoutMatch match)
    {
        StandingHelper.Use(CommandRun.Path);
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintOptions options = Helped with { Freezer = freezer, Match = match, MeasureEffect = true };
        HintOutcome own = target.Apply(options with { Host = TransactionHost.Caller });
        target.Process.Read(target.Address, PlannedTarget.Pages);
        PageLists.Settle();

        HintOutcome outcome = target.Apply(options);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        AssertSame(own, outcome);
        Assert.False(target.IsUntouched);
        Assert.True(outcome.LongestPause > TimeSpan.Zero);
        Assert.Equal(own.Effect!.LeftBytes, outcome.Effect!.LeftBytes);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_OfAStalePlan_IsStaleAndShowsWhatMovedAsByTheCaller()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        target.Process.Map(3);

        HintOutcome own = target.Apply(plan, Helped with { Host = TransactionHost.Caller });
        HintOutcome outcome = target.Apply(plan, Helped);

        Assert.Equal((HintStatus.Stale, HintReason.LayoutChanged), (outcome.Status, outcome.Reason));
        Assert.NotEmpty(outcome.Changes);
        AssertSame(own, outcome);
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_AfterAnExec_SaysThatTheAddressSpaceIsAnother()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.PlanWithoutSequence();
        target.Process.Exec();

        HintOutcome own = target.Apply(plan, Helped with { Host = TransactionHost.Caller });
        HintOutcome outcome = target.Apply(plan, Helped);

        Assert.Equal((HintStatus.Stale, HintReason.AddressSpaceReplaced), (outcome.Status, outcome.Reason));
        AssertSame(own, outcome);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ToAProcessThatHasExited_SaysSo()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        target.Process.Signal(Uapi.SIGKILL);
        target.Process.WaitUntilGone();

        HintOutcome own = target.Apply(plan, Helped with { Host = TransactionHost.Caller });
        HintOutcome outcome = target.Apply(plan, Helped);

        Assert.Equal((HintStatus.TargetExited, HintReason.TargetExited), (outcome.Status, outcome.Reason));
        AssertSame(own, outcome);
    }

    /// <remarks>The caller's SIGCHLD handling sees no stop: ptrace reports them to the helper, which is the tracer.</remarks>
    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ToAChildOfTheCallerByPtrace_IsApplied()
    {
        using PlannedTarget target = new(asChild: true);
        HintOptions options = Helped with { Freezer = FreezerKind.Ptrace };
        Assert.Equal(HintReason.ChildOfCaller, target.Apply(options with { Host = TransactionHost.Caller }).Reason);

        Assert.Equal(HintStatus.Applied, target.Apply(options).Status);

        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData("/nonexistent/cmadvise")]
    [InlineData("/bin/true")]
    public void Apply_WithoutAHelper_IsRefusedAndSaysWhy(string program)
    {
        StandingHelper.Use(program);
        using PlannedTarget target = new();

        HintOutcome outcome = target.Apply(Helped);

        Assert.Equal((HintStatus.Refused, HintReason.HelperNotAvailable), (outcome.Status, outcome.Reason));
        Assert.Contains(program, outcome.Message, StringComparison.Ordinal);
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public async Task Apply_CancelledInAWindow_EndsAfterIt()
    {
        using PlannedTarget target = new();
        using StandingHelper standing = new(Environment.ProcessId, TransactionPhase.Advised);
        using CancellationTokenSource cancellation = new();
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
        HintOptions options = Helped with { Freezer = FreezerKind.Ptrace, MaxWindowBytes = (ulong)Environment.SystemPageSize, RestBetweenWindows = Eventually.Patience }; // the helper hears of it in the rest
        await using HintEngine engine = new();
        Task<HintOutcome> running = engine.ApplyAsync(new HintRequest(target.Target, plan, options), cancellation.Token);
        standing.Await();

        await cancellation.CancelAsync();
        standing.Release();
        HintOutcome outcome = await running;

        Assert.Equal((HintStatus.PartlyApplied, HintReason.Cancelled, 1), (outcome.Status, outcome.Reason, outcome.Windows));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_CancelledBefore_Throws()
    {
        using PlannedTarget target = new();

        Assert.Throws<OperationCanceledException>(() => target.Target.Apply(target.Plan(), Helped, new CancellationToken(canceled: true)));
        Assert.True(target.IsUntouched);
    }

    /// <summary>All but times, and the freezer's reason, which names them.</summary>
    private static void AssertSame(HintOutcome own, HintOutcome outcome)
    {
        Assert.Equal((own.Status, own.Reason, own.Message), (outcome.Status, outcome.Reason, outcome.Message));
        Assert.Equal((own.BytesPlanned, own.BytesAdvised, own.BytesEmpty, own.Windows, own.HasRaced), (outcome.BytesPlanned, outcome.BytesAdvised, outcome.BytesEmpty, outcome.Windows, outcome.HasRaced));
        Assert.Equal(own.Freezer, outcome.Freezer);
        Assert.Equal(own.Ranges, outcome.Ranges);
        Assert.Equal(own.Changes.Select(static change => change.ToString()), outcome.Changes.Select(static change => change.ToString()));
    }
}
