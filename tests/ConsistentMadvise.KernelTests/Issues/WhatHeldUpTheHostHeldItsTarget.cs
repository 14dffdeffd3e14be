using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A host that was stopped, or was in a collection of a large heap, held its target as long, and under ptrace no other process could thaw it; a helper process runs the transaction now.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class WhatHeldUpTheHostHeldItsTarget : IDisposable
{
    private static readonly HintOptions Helped = new() { Host = TransactionHost.Helper, FreezeTimeout = Eventually.Patience, PauseLimit = Timeout.InfiniteTimeSpan };

    private readonly string _program = StandingHelper.MakeProgram();

    public WhatHeldUpTheHostHeldItsTarget() => StandingHelper.Use(_program);

    public void Dispose()
    {
        StandingHelper.Use(null);
        File.Delete(_program);
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

        caller.Continue(); // a stopped process does not read it

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
}
