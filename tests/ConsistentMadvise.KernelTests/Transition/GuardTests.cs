namespace ConsistentMadvise.KernelTests;

/// <summary>The caller dies in a window of a freezer that outlives it.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class GuardTests
{
    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup, false)]
    [InlineData(FreezerKind.Cgroup, true)]
    [InlineData(FreezerKind.Signal, false)]
    [InlineData(FreezerKind.Signal, true)]
    public void Caller_KilledInTheWindow_TheGuardThawsTheTarget(FreezerKind freezer, bool withItsGroup)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, freezer);
        AssertFrozen(target, freezer);

        if (withItsGroup)
        {
            caller.KillGroup();
        }
        else
        {
            caller.Kill();
        }

        caller.WaitForExit();
        caller.WaitForGuard();
        AssertNotFrozen(target);
        Assert.False(Directory.Exists(caller.Journal));
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public async Task Caller_KilledAfterItsGuard_ARecoveryThawsTheTarget(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, freezer);
        caller.KillGuard();
        caller.Kill();
        caller.WaitForExit();
        AssertFrozen(target, freezer); // the control: it was not thawed

        RecoveredFreeze recovered = await RecoverAsync(target);

        Assert.Equal((RecoveryStatus.Thawed, freezer, caller.Pid, false), (recovered.Status, recovered.Freezer, recovered.OwnerPid, recovered.MayBeFrozen));
        Assert.Equal(target.Target.Identity.StartTime, recovered.Process.StartTime);
        Assert.Equal(freezer == FreezerKind.Cgroup, recovered.Cgroup is not null);
        AssertNotFrozen(target);
        Assert.False(Directory.Exists(caller.Journal));
    }

    [KernelFact(Needs.NiceCapability)]
    public async Task Caller_KilledInTheWindow_ARecoveryLeavesItToTheGuard()
    {
        using PlannedTarget target = new();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal);
        caller.Kill();

        IReadOnlyList<RecoveredFreeze> recovered = await FreezeRecovery.RecoverAsync();

        // It came before the kernel released the lock, while the guard was at work, or after.
        Assert.All(
            recovered.Where(freeze => freeze.Process.Pid == target.Process.Pid),
            static freeze => Assert.Contains(freeze.Status, new[] { RecoveryStatus.OwnerAlive, RecoveryStatus.ThawedByGuard }));
        caller.WaitForGuard();
        AssertNotFrozen(target);
    }

    [KernelFact(Needs.NiceCapability)]
    public async Task Caller_LivesInItsWindow_ARecoveryLeavesItAlone()
    {
        using PlannedTarget target = new();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal);

        RecoveredFreeze recovered = await RecoverAsync(target);

        Assert.Equal((RecoveryStatus.OwnerAlive, caller.Pid, false), (recovered.Status, recovered.OwnerPid, recovered.MayBeFrozen));
        AssertFrozen(target, FreezerKind.Signal);
        caller.Continue();
        Assert.Equal("Applied None", caller.Outcome());
        AssertNotFrozen(target);
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Caller_KilledInTheWindowOfATargetThatWasStopped_ItStaysStopped(bool behindItsGuard)
    {
        using PlannedTarget target = new();
        target.Process.StopItself();
        using (CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal))
        {
            if (behindItsGuard)
            {
                caller.KillGuard();
            }

            caller.Kill();
            caller.WaitForExit();
            caller.WaitForGuard();
        }

        Assert.DoesNotContain(await FreezeRecovery.RecoverAsync(), freeze => freeze.Process.Pid == target.Process.Pid);
        AssertFrozen(target, FreezerKind.Signal);
        target.Process.Continue();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Caller_KilledInTheWindowOfAGroupThatWasFrozen_ItStaysFrozen()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Cgroup.Freeze(true);
        using (CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Cgroup))
        {
            caller.Kill();
            caller.WaitForGuard();
        }

        Assert.True(target.Cgroup.IsFrozen);
        target.Cgroup.Freeze(false);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Guard_KilledBeforeTheFreeze_TheTargetIsNotFrozen(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Freezing, target.Process.Pid, freezer);
        int first = caller.GuardPid;
        caller.KillGuard();

        caller.Continue();

        Assert.Equal("Refused GuardNotAvailable", caller.Outcome());
        AssertNotFrozen(target);

        caller.Continue(); // with its next transaction, which starts another
        caller.AwaitPhase();
        Assert.NotEqual(first, caller.GuardPid);
        caller.Continue();
        Assert.Equal("Applied None", caller.Outcome());
        AssertNotFrozen(target);
    }

    [KernelFact(Needs.NiceCapability)]
    public void Caller_ExitsNormally_TheGuardExitsAndRemovesTheJournal()
    {
        using PlannedTarget target = new();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Thawed, target.Process.Pid, FreezerKind.Signal);
        Assert.True(Directory.Exists(caller.Journal));
        caller.Continue();
        Assert.Equal("Applied None", caller.Outcome());

        caller.EndInput();

        caller.WaitForExit();
        caller.WaitForGuard();
        Assert.False(Directory.Exists(caller.Journal));
        AssertNotFrozen(target);
    }

    private static async Task<RecoveredFreeze> RecoverAsync(PlannedTarget target) =>
        Assert.Single(await FreezeRecovery.RecoverAsync(), freeze => freeze.Process.Pid == target.Process.Pid);

    private static void AssertFrozen(PlannedTarget target, FreezerKind freezer)
    {
        if (freezer == FreezerKind.Cgroup)
        {
            Assert.True(target.Cgroup.IsFrozen);
        }
        else
        {
            Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped, $"{thread}"));
        }
    }

    private static void AssertNotFrozen(PlannedTarget target)
    {
        target.Process.AssertRuns();
        Assert.True(target.IsUntouched); // COLD alone was hinted
    }
}
