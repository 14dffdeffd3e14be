using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A call of the target waited for its seccomp supervisor. A freeze interrupted the wait, the answer came too late, and the call was made again: the supervisor did its work twice.</summary>
public sealed class ACallAtASupervisorWasMadeTwice
{
    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_ACallWaitsForItsSupervisor_IsRefusedAndAskedOnce(FreezerKind freezer)
    {
        using CProgram supervisor = CProgram.Start("supervised");
        int pid = int.Parse(supervisor.ReadLine()!, CultureInfo.InvariantCulture);
        supervisor.InCgroup(pid);
        using ProcessTarget target = ProcessTarget.Open(pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous);

        HintOutcome outcome = target.Apply(plan, new HintOptions { Freezer = freezer, FreezeTimeout = Eventually.Patience });
        supervisor.WriteLine();
        string? requests = supervisor.ReadLine();

        Assert.Equal((HintStatus.Refused, HintReason.AwaitsSupervisor), (outcome.Status, outcome.Reason));
        Assert.Equal("requests 1", requests);
        Assert.Equal(HintStatus.Applied, target.Apply(plan, new HintOptions { Freezer = freezer, FreezeTimeout = Eventually.Patience }).Status);
        Assert.All(ThreadStatus.ReadAll(pid), static thread => Assert.False(thread.IsStopped));
        supervisor.Finish();
    }
}
