namespace ConsistentMadvise.KernelTests;

/// <summary>What a freeze holds, and what a thaw restores.</summary>
public sealed class FreezerTests
{
    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ManyBusyThreads_HoldsEveryOne(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(32, spin: true);
        List<long> before = [], after = [];
        PhaseActions probe = PhaseActions
            .At(TransactionPhase.Frozen, () =>
            {
                OffProcessor.Await(target.Process.Pid);
                before.AddRange(CpuTimes(target));
            })
            .Then(TransactionPhase.Advised, () => after.AddRange(CpuTimes(target)));

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer }, probe);

        Assert.Equal((HintStatus.Applied, freezer), (outcome.Status, outcome.Freezer));
        Assert.True(before.Count > 32);
        Assert.Equal(before, after); // no thread ran between the two looks
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_CgroupHoldsAnotherProcess_IsRefused()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.Fork(); // is created in the cgroup of its parent

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup });

        Assert.Equal((HintStatus.Refused, HintReason.CgroupNotUsable), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_TargetInTheRootCgroup_IsRefusedByTheCgroupFreezer()
    {
        using PlannedTarget target = new();

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup });

        Assert.Equal((HintStatus.Refused, HintReason.CgroupNotUsable), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_ChildOfTheCaller_IsHeldBySignal()
    {
        using PlannedTarget target = new(asChild: true);

        HintOutcome outcome = target.Apply(HintOptions.Default);

        Assert.Equal((HintStatus.Applied, FreezerKind.Signal), (outcome.Status, outcome.Freezer));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_ChildOfTheCallerByPtrace_IsRefused()
    {
        using PlannedTarget target = new(asChild: true);

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Ptrace });

        Assert.Equal((HintStatus.Refused, HintReason.ChildOfCaller), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void AskToTrace_WithAndWithoutTheRight_AgreesWithPtrace()
    {
        using PlannedTarget target = new();

        Assert.Equal(Interop.Errno.EFAULT, Interop.Kernel.AskToTrace(target.Process.Pid)); // permitted: nothing lies there
        CapabilitySet.RunWithout(
            [CapabilitySet.SysPtrace],
            () => Assert.Equal(
                (Interop.Errno.EPERM, Interop.Errno.EPERM),
                (Interop.Kernel.AskToTrace(target.Process.Pid), Interop.Kernel.Ptrace(Interop.Uapi.PTRACE_SEIZE, target.Process.Pid, 0))));
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_AncestorOfTheCaller_IsRefused()
    {
        int parent = ParentOf(Environment.ProcessId);
        if (!ProcessTarget.TryOpen(parent, out ProcessTarget? target, out TargetError error))
        {
            Assert.Equal(TargetError.AccessDenied, error);
            return;
        }

        using (target)
        {
            LayoutSnapshot layout = target.Capture();

            // The program's own code, which stays: the parent of a test run works on, and its heaps and what it compiles change between the plan and the look at it.
            string program = File.ResolveLinkTarget($"/proc/{parent}/exe", returnFinalTarget: false)!.FullName;
            HintPlan plan = HintPlan.Create(layout, Advice.Cold, vma => vma.GetName() == program && vma.Permissions.HasFlag(VmaPermissions.Execute));
            HintOutcome outcome = target.Apply(plan, new HintOptions { Match = LayoutMatch.Ranges });

            Assert.Equal(HintStatus.Refused, outcome.Status);
            Assert.Contains(outcome.Reason, new[] { HintReason.AncestorOfCaller, HintReason.InitProcess });
        }
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Ptrace, LayoutMatch.Ranges)]
    [InlineData(FreezerKind.Cgroup, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Cgroup, LayoutMatch.Ranges)]
    [InlineData(FreezerKind.Signal, LayoutMatch.Layout)]
    [InlineData(FreezerKind.Signal, LayoutMatch.Ranges)]
    public void Apply_InTheWindow_AllocatesAndCompilesNothing(FreezerKind freezer, LayoutMatch match)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.Fields(1000, 1);
        WindowCost cost = new();

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, Match = match }, cost);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.Equal((0L, 0L), (cost.AllocatedBytes, cost.CompiledMethods));
        target.Process.AssertRuns();
    }

    private static int ParentOf(int pid)
    {
        Assert.Equal(Interop.Errno.None, ProcDirectory.Open(pid, out ProcDirectory? directory));
        using (directory)
        {
            Assert.Equal(Interop.Errno.None, directory!.ReadStat(out ProcStat stat));
            return stat.ParentPid;
        }
    }

    /// <summary>The first field of <c>schedstat</c> of every thread: nanoseconds on a processor.</summary>
    private static IEnumerable<long> CpuTimes(PlannedTarget target) =>
        from thread in Directory.GetDirectories($"/proc/{target.Process.Pid}/task")
        orderby thread
        select long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
