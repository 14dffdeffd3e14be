namespace ConsistentMadvise.KernelTests;

public sealed class ExecTests
{
    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ExecBefore_SaysThatTheAddressSpaceWasReplaced()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        target.Process.Exec(randomized: false);

        HintOutcome outcome = target.Target.Apply(plan, new HintOptions { FreezeTimeout = Eventually.Patience });

        Assert.Equal((HintStatus.Stale, HintReason.AddressSpaceReplaced), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }
}
