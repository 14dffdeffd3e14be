namespace ConsistentMadvise.KernelTests;

/// <summary>Processes that share the target's memory: by default they keep it from being hinted; on request they are frozen with it or ignored.</summary>
public sealed class SharerTests
{
    private const Needs Everything = Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.X64;

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace, false)]
    [InlineData(FreezerKind.Ptrace, true)]
    [InlineData(FreezerKind.Cgroup, false)]
    [InlineData(FreezerKind.Cgroup, true)]
    [InlineData(FreezerKind.Signal, false)]
    [InlineData(FreezerKind.Signal, true)]
    public void Refuse_SharerThereBefore_NothingIsFrozen(FreezerKind freezer, bool vfork)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        Sharer sharer = target.Process.StartSharer(vfork);
        PhaseActions probe = new();

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Refused, HintReason.AddressSpaceShared, 0), (outcome.Status, outcome.Reason, outcome.Windows));
        Assert.Contains($"{sharer.Pid}", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TransactionPhase.Freezing, probe.Seen);
        Assert.True(target.IsUntouched);
        sharer.Dispose();
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Freeze_Sharer_IsHeldAndRunsAgain(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        Sharer sharer = target.Process.StartSharer();
        bool isHeld = false;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Rechecked, () => isHeld = freezer == FreezerKind.Cgroup
            ? target.Cgroup.IsFrozen
            : ThreadStatus.ReadAll(sharer.Pid).All(static thread => thread.IsStopped));

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, Sharers = SharerPolicy.Freeze }, probe);

        Assert.Equal((HintStatus.Applied, freezer), (outcome.Status, outcome.Freezer));
        Assert.True(isHeld, "the sharer was held");
        AssertRuns(sharer);
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Freeze_ParentWaitsForItsVforkChild_TimesOutAndThawsBoth(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer(vfork: true);
        HintOptions options = new() { Freezer = freezer, Sharers = SharerPolicy.Freeze, FreezeTimeout = TimeSpan.FromMilliseconds(30) };

        HintOutcome outcome = target.Target.Apply(target.Plan(), options);

        Assert.Equal((HintStatus.FreezeTimedOut, HintReason.ThreadsDidNotStop), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        AssertRuns(sharer);
        sharer.Dispose();
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Freeze_VforkChildThatExitsMeanwhile_IsWaitedFor(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer(vfork: true);
        HintPlan plan = target.Plan();

        // What its parent waits for comes only after the target's other threads were asked to stop.
        Task<HintOutcome> applying = Task.Run(() => target.Apply(plan, Frozen(freezer) with { Match = LayoutMatch.Ranges }));
        Eventually.Holds(() => ThreadStatus.ReadAll(target.Process.Pid).Any(static thread => thread.IsStopped) || applying.IsCompleted, "the freeze has begun");
        Assert.False(applying.IsCompleted, "the freeze did not wait for the vfork parent");
        sharer.Exit();
        applying.Wait();

        Assert.Equal(HintStatus.Applied, applying.Result.Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Everything)]
    public void Freeze_VforkChildInTheSameCgroup_IsHeldWithItsParent()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        Sharer sharer = target.Process.StartSharer(vfork: true);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup, Sharers = SharerPolicy.Freeze });

        Assert.Equal(HintStatus.Applied, outcome.Status);
        AssertRuns(sharer);
        sharer.Dispose();
        target.Process.AssertRuns();
    }

    [KernelFact(Everything)]
    public void Freeze_SharerOutsideTheCgroup_IsRefused()
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();
        target.InCgroup();

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup, Sharers = SharerPolicy.Freeze });

        Assert.Equal((HintStatus.Refused, HintReason.AddressSpaceShared), (outcome.Status, outcome.Reason));
        Assert.Contains($"{sharer.Pid}", outcome.Message, StringComparison.Ordinal);
        Assert.True(target.IsUntouched);
        AssertRuns(sharer);
        target.Process.AssertRuns();
    }

    [KernelFact(Everything)]
    public void Freeze_SharerTracedByAnother_IsRefusedAndNoProcessStaysHeld()
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();
        HintOutcome outcome = default;
        TransactionThread.TryRun(() =>
        {
            Assert.Equal(Interop.Errno.None, Interop.Kernel.Ptrace(Interop.Uapi.PTRACE_SEIZE, sharer.Pid, 0));
            outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Ptrace, Sharers = SharerPolicy.Freeze });
            return false;
        });

        Assert.Equal((HintStatus.Refused, HintReason.TracedByAnother), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        AssertRuns(sharer);
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Refuse_SharerCreatedBeforeTheFreeze_IsFoundInTheWindow(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        HintPlan plan = target.Plan();
        Sharer? sharer = null;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Freezing, () => sharer = target.Process.StartSharer());

        HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, Match = LayoutMatch.Ranges }, probe);

        // A cgroup that has come to hold another process is refused for that.
        HintReason reason = freezer == FreezerKind.Cgroup ? HintReason.CgroupNotUsable : HintReason.AddressSpaceShared;
        Assert.Equal((HintStatus.Refused, reason), (outcome.Status, outcome.Reason));
        Assert.DoesNotContain(TransactionPhase.Rechecked, probe.Seen);
        Assert.True(target.IsUntouched);
        AssertRuns(sharer!);
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Signal)]
    public void Freeze_SharersCreatedBeforeTheFreeze_AreFrozenAtTheNextAttempt(FreezerKind freezer)
    {
        using PlannedTarget target = new();
        Sharer first = target.Process.StartSharer();
        HintPlan plan = target.Plan();
        List<int> created = [];
        PhaseActions probe = PhaseActions.At(TransactionPhase.Freezing, () => created.Add(target.Process.StartSharerOf(first)));

        HintOutcome outcome = target.Apply(plan, Frozen(freezer) with { Match = LayoutMatch.Ranges }, probe);

        Assert.Equal((HintStatus.Applied, 2), (outcome.Status, outcome.Windows));
        Assert.All([first.Pid, .. created], static pid => Assert.DoesNotContain(ThreadStatus.ReadAll(pid), static thread => thread.IsStopped));
        Assert.Contains((int)first.Call(39), (IEnumerable<int>)[first.Pid, .. created]); // getpid, of whichever takes the request
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(SharerPolicy.Refuse, HintStatus.Refused)]
    [InlineData(SharerPolicy.Freeze, HintStatus.Applied)]
    public void Apply_SharerOfASharerWhoseParentExited_IsFound(SharerPolicy policy, HintStatus status)
    {
        using PlannedTarget target = new();
        Sharer first = target.Process.StartSharer();
        int second = target.Process.StartSharerOf(first);
        first.Exit(second);

        HintOutcome outcome = target.Apply(new HintOptions { Sharers = policy });

        Assert.Equal(status, outcome.Status);
        Assert.Equal(policy == SharerPolicy.Refuse, outcome.Message.Contains($"{second}", StringComparison.Ordinal));
        Assert.DoesNotContain(ThreadStatus.ReadAll(second), static thread => thread.IsStopped);
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything | Needs.Bpf)]
    [InlineData(SharerPolicy.Refuse)]
    [InlineData(SharerPolicy.Freeze)]
    public void Apply_SharerWhoseLeaderExited_IsRefused(SharerPolicy policy)
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();
        sharer.EndLeader();

        HintOutcome outcome = target.Apply(new HintOptions { Sharers = policy });

        Assert.Equal((HintStatus.Refused, HintReason.AddressSpaceShared), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelTheory(Everything)]
    [InlineData(SharerPolicy.Ignore, HintConsistency.Frozen)]
    [InlineData(SharerPolicy.Refuse, HintConsistency.Unchecked)]
    public void Apply_SharersIgnored_IsApplied(SharerPolicy policy, HintConsistency consistency)
    {
        using PlannedTarget target = new();
        Sharer sharer = target.Process.StartSharer();

        HintOutcome outcome = target.Apply(new HintOptions { Sharers = policy, Consistency = consistency });

        Assert.Equal(HintStatus.Applied, outcome.Status);
        AssertRuns(sharer);
        target.Process.AssertRuns();
    }

    /// <summary>In one window, however busy the machine is.</summary>
    private static HintOptions Frozen(FreezerKind freezer) => new() { Freezer = freezer, Sharers = SharerPolicy.Freeze, MaxPause = Timeout.InfiniteTimeSpan };

    private static void AssertRuns(Sharer sharer) => Assert.Equal(sharer.Pid, sharer.Call(39)); // getpid
}
