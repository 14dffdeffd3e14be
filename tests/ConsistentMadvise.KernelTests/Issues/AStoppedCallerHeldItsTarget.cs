using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A caller that was stopped, frozen or hung in a window held its target until it was continued; now the guard thaws it at the pause limit.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class AStoppedCallerHeldItsTarget
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    public static TheoryData<FreezerKind, string> Cells()
    {
        TheoryData<FreezerKind, string> cells = [];
        foreach (FreezerKind freezer in (FreezerKind[])[FreezerKind.Cgroup, FreezerKind.Signal])
        {
            foreach (TransactionPhase phase in (TransactionPhase[])[TransactionPhase.Frozen, TransactionPhase.Rechecked, TransactionPhase.Advised])
            {
                cells.Add(freezer, $"{phase}");
            }
        }

        return cells;
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Cells))]
    public void Caller_Stopped_TheTargetRunsAndTheOutcomeReportsIt(FreezerKind freezer, string at)
    {
        TransactionPhase phase = Enum.Parse<TransactionPhase>(at);
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartLimited(phase, target.Process.Pid, freezer, Limit);
        target.Process.Post("ping"); // which a held target answers only when it runs again
        caller.Signal(Uapi.SIGSTOP);

        target.Process.Accept("ping");

        caller.Signal(Uapi.SIGCONT);
        Assert.Equal(Outcome(phase), Finish(caller));
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [MemberData(nameof(Cells))]
    public void Caller_InAFrozenCgroup_TheTargetRuns(FreezerKind freezer, string at)
    {
        TransactionPhase phase = Enum.Parse<TransactionPhase>(at);
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartLimited(phase, target.Process.Pid, freezer, Limit);
        target.Process.Post("ping");
        using TestCgroup own = new(caller.Pid);
        own.Freeze(true);

        target.Process.Accept("ping");

        own.Freeze(false);
        Assert.Equal(Outcome(phase), Finish(caller));
        caller.Dispose(); // the group is empty then
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public Task Caller_ForkedAndKilled_TheTargetRunsAndNothingIsLeftToRecover(FreezerKind freezer) => BesideAForkedChild(freezer, static async (target, caller) =>
    {
        target.Process.Post("ping");
        caller.Kill();
        target.Process.Accept("ping");
        caller.WaitForExit();
        caller.WaitForGuard();

        Assert.DoesNotContain(await FreezeRecovery.RecoverAsync(), freeze => freeze.Process.Pid == target.Process.Pid);
        Assert.False(Directory.Exists(caller.Journal));
    });

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public Task CallerAndGuard_KilledWhileAForkedChildLives_ARecoveryThawsTheTarget(FreezerKind freezer) => BesideAForkedChild(freezer, static async (target, caller) =>
    {
        caller.KillGuard();
        caller.Kill();
        caller.WaitForExit();

        Assert.Equal(RecoveryStatus.Thawed, Assert.Single(await FreezeRecovery.RecoverAsync(), freeze => freeze.Process.Pid == target.Process.Pid).Status);
    });

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Guard_Stopped_NothingIsFrozen()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartLimited(TransactionPhase.Freezing, target.Process.Pid, FreezerKind.Cgroup, Limit);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(caller.GuardPid, out SafeDescriptor opened));
        using SafeDescriptor guard = opened;
        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(guard, Uapi.SIGSTOP));
        Eventually.Holds(() => ThreadStatus.ReadAll(caller.GuardPid).All(static thread => thread.IsStopped), "the guard is stopped");

        caller.Continue();
        Assert.Equal($"{HintStatus.Refused} {HintReason.GuardNotAvailable}", caller.Outcome());

        Assert.Equal(Errno.None, Kernel.PidfdSendSignal(guard, Uapi.SIGCONT));
        target.Process.AssertRuns();
    }

    /// <remarks>The state of a process does not show that its cgroup is frozen: the guard was taken to run.</remarks>
    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Guard_InAFrozenCgroup_NothingIsFrozen(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartLimited(TransactionPhase.Frozen, target.Process.Pid, freezer, Timeout.InfiniteTimeSpan);
        Assert.Equal($"{HintStatus.Applied} {HintReason.None}", Finish(caller));
        using TestCgroup frozen = new(caller.GuardPid);
        frozen.Freeze(true);

        Assert.Equal($"{HintStatus.Refused} {HintReason.GuardNotAvailable}", Finish(caller));

        frozen.Freeze(false);
        caller.Dispose(); // the group is empty then
        target.Process.AssertRuns();
    }

    /// <summary>Acts on a caller that stands in a window and has forked a child, which has the journal's lock and the guard's pipe.</summary>
    private static async Task BesideAForkedChild(FreezerKind freezer, Func<PlannedTarget, CrashCaller, Task> act)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartLimited(TransactionPhase.Frozen, target.Process.Pid, freezer, Timeout.InfiniteTimeSpan, forks: true);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(caller.ChildPid, out SafeDescriptor child));
        using (child)
        {
            await act(target, caller);
            Assert.Equal(Errno.None, Kernel.PidfdSendSignal(child, Uapi.SIGKILL));
        }

        target.Process.AssertRuns();
    }

    /// <summary>Once thawed without a hint it is tried again, which the test lets pass.</summary>
    private static string Outcome(TransactionPhase phase) =>
        phase == TransactionPhase.Advised ? $"{HintStatus.Raced} {HintReason.PauseLimitReached}" : $"{HintStatus.Applied} {HintReason.None}";

    private static string Finish(CrashCaller caller)
    {
        caller.Continue();
        return caller.Outcome();
    }
}
