using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A host that was stopped, or was in a collection of a large heap, held its target as long, and under ptrace no other process could thaw it; a helper process runs the transaction now.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class WhatHeldUpTheHostHeldItsTarget : IDisposable
{
    private static readonly HintOptions Helped = new() { Host = TransactionHost.Helper, FreezeTimeout = Eventually.Patience, PauseLimit = Timeout.InfiniteTimeSpan };

    private readonly string _program = StandingHelper.MakeProgram();

    public WhatHeldUpTheHostHeldItsTarget() => Use(_program);

    public void Dispose()
    {
        Use(null);
        File.Delete(_program);
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Ranges)]
    [InlineData(FreezerKind.Signal, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Cgroup, LayoutMatch.Layout)]
    public void Apply_ByTheCommandAsHelper_IsAppliedAsByTheCaller(FreezerKind freezer, LayoutMatch match)
    {
        Use(CommandRun.Path);
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

    /// <remarks>To .NET's handling of SIGCHLD in the parent no stop shows that is another's to await.</remarks>
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
        Use(program);
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

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Host_StoppedInAWindow_TheTargetRuns()
    {
        using PlannedTarget target = new();
        using HelpedHost host = new(target.Process.Pid, FreezerKind.Ptrace, _program);
        using StandingHelper standing = new(host.Pid, TransactionPhase.Frozen);
        host.Begin();
        standing.Await();
        host.Signal(Uapi.SIGSTOP);
        host.WaitUntilStopped();
        target.Process.Post("ping"); // which a held target answers only when it runs again

        standing.Release();

        target.Process.Accept("ping");
        host.WaitUntilStopped();
        host.Signal(Uapi.SIGCONT);
        Assert.Equal($"{HintStatus.Applied} {HintReason.None}", host.Outcome());
        target.Process.AssertRuns();
    }

    /// <summary>The control: the thread that traces the target is stopped, and nothing else thaws it.</summary>
    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Caller_StoppedInAWindowOfItsOwn_TheTargetIsHeld()
    {
        using PlannedTarget target = new();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Ptrace);
        caller.Signal(Uapi.SIGSTOP);
        Eventually.Holds(() => ThreadStatus.ReadAll(caller.Pid).All(static thread => thread.IsStopped), "the caller is stopped");
        target.Process.Post("ping");

        caller.Continue(); // it cannot read that

        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped && thread.TracerPid != 0, $"{thread}"));
        caller.Signal(Uapi.SIGCONT);
        Assert.Equal($"{HintStatus.Applied} {HintReason.None}", caller.Outcome());
        target.Process.Accept("ping");
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, Uapi.SIGKILL)]
    [InlineData(FreezerKind.Ptrace, Uapi.SIGSTOP)]
    [InlineData(FreezerKind.Signal, Uapi.SIGKILL)]
    [InlineData(FreezerKind.Signal, Uapi.SIGSTOP)]
    [InlineData(FreezerKind.Cgroup, Uapi.SIGKILL)]
    [InlineData(FreezerKind.Cgroup, Uapi.SIGSTOP)]
    public async Task Helper_KilledOrStoppedInAWindow_TheTargetRunsAndTheOutcomeSaysIt(FreezerKind freezer, int signal)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        await using HintEngine engine = new();
        HintOptions options = Helped with { Freezer = freezer };
        using (StandingHelper standing = new(Environment.ProcessId, TransactionPhase.Frozen))
        {
            Task<HintOutcome> running = engine.ApplyAsync(new HintRequest(target.Target, target.Plan(), options));
            standing.Await();
            standing.Signal(signal);

            HintOutcome outcome = await running;

            target.Process.AssertRuns();
            Assert.Equal((HintStatus.Raced, HintReason.HelperExited, 0UL), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
            Assert.All(outcome.Ranges, static range => Assert.Equal(RangeStatus.Unconfirmed, range.Status));
            Assert.NotEmpty(outcome.Ranges);
            standing.WaitForExit();
        }

        Assert.Equal(HintStatus.Applied, (await engine.ApplyAsync(new HintRequest(target.Target, target.Plan(), options))).Status);
        Assert.DoesNotContain(await FreezeRecovery.RecoverAsync(), freeze => freeze.Process.Pid == target.Process.Pid && freeze.Status != RecoveryStatus.OwnerAlive);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    [InlineData(FreezerKind.Cgroup)]
    public void Host_KilledInAWindow_TheTargetRunsAndTheHelperExits(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HelpedHost host = new(target.Process.Pid, freezer, _program);
        using StandingHelper standing = new(host.Pid, TransactionPhase.Frozen);
        using (host)
        {
            host.Begin();
            standing.Await();
        }

        target.Process.Post("ping");
        standing.Release();

        target.Process.Accept("ping");
        standing.WaitForExit();
        target.Process.AssertRuns();
    }

    private static void Use(string? program)
    {
        HelperProcess.Given = program;
        TransactionHelper.Current?.End(Eventually.Patience);
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
