namespace ConsistentMadvise.KernelTests;

/// <summary>A cgroup that the caller names is frozen with all that is in it.</summary>
public sealed class NamedCgroupTests
{
    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Cgroup)]
    public void Apply_NamedGroupWithAnotherProcess_FreezesBoth(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        int other = target.Process.Fork(); // is created in the cgroup of its parent
        bool wasFrozen = false;
        PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, () => wasFrozen = target.Cgroup.IsFrozen && File.ReadAllText($"{target.Cgroup.Path}/cgroup.procs").Contains($"{other}\n", StringComparison.Ordinal));

        HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer, Cgroup = target.Cgroup.Path + "/" }, probe);

        Assert.Equal((HintStatus.Applied, FreezerKind.Cgroup), (outcome.Status, outcome.Freezer));
        Assert.NotEmpty(outcome.FreezerReason);
        Assert.True(wasFrozen);
        Assert.False(target.Cgroup.IsFrozen);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_NamedGroupWithoutTheTarget_IsRefused()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        using PlannedTarget other = new PlannedTarget().InCgroup();

        AssertRefused(target, other.Cgroup.Path);
        other.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_NamedGroupWithAChildGroup_IsRefused()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        string child = Path.Combine(target.Cgroup.Path, "child");
        Directory.CreateDirectory(child);

        AssertRefused(target, target.Cgroup.Path);
        Directory.Delete(child);
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_NamedRootGroup_IsRefused()
    {
        using PlannedTarget target = new();

        AssertRefused(target, CgroupProbe.MountPoint!);
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_NamedPathIsNoGroup_IsRefused()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();

        AssertRefused(target, "/nowhere");
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_TargetLeftTheNamedGroupMeanwhile_IsRefusedAndTheGroupThawed()
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        string root = Path.Combine(CgroupProbe.MountPoint!, "cgroup.procs");
        PhaseActions probe = PhaseActions.At(TransactionPhase.Freezing, () => File.WriteAllText(root, $"{target.Process.Pid}"));

        HintOutcome outcome = target.Apply(new HintOptions { Cgroup = target.Cgroup.Path }, probe);

        Assert.Equal((HintStatus.Refused, HintReason.CgroupNotUsable), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        Assert.False(target.Cgroup.IsSetFrozen);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ManyThreadsInTheRootCgroup_AreHeldByPtraceAndTheReasonSaysWhy()
    {
        using PlannedTarget target = new();
        target.Process.StartThreads(64);

        HintOutcome outcome = target.Apply(HintOptions.Default);

        Assert.Equal((HintStatus.Applied, FreezerKind.Ptrace), (outcome.Status, outcome.Freezer));
        Assert.StartsWith("ptrace: ", outcome.FreezerReason, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }

    private static void AssertRefused(PlannedTarget target, string cgroup)
    {
        HintOutcome outcome = target.Apply(new HintOptions { Cgroup = cgroup });

        Assert.Equal((HintStatus.Refused, HintReason.CgroupNotUsable), (outcome.Status, outcome.Reason));
        Assert.True(target.IsUntouched);
        target.Process.AssertRuns();
    }
}
