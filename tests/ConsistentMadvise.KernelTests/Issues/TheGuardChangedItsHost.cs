namespace ConsistentMadvise.KernelTests;

/// <summary>Starting the guard by System.Diagnostics.Process left signal handlers in the host, and a limit of file sizes ended it by SIGXFSZ.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class TheGuardChangedItsHost
{
    [KernelFact(Needs.None)]
    public void Start_OfAGuard_LeavesTheHandlingOfSignalsAsItWas()
    {
        string[] seen = GuardedHost.Look();

        Assert.Equal(3, seen.Length);
        Assert.StartsWith("SigIgn", seen[1], StringComparison.Ordinal);
        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[1], seen[2]); // the control: .NET's own way is seen to change it
    }

    [KernelFact(Needs.NiceCapability)]
    public void Apply_UnderASmallLimitOfFileSizes_IsRefusedAndNamesIt()
    {
        using PlannedTarget target = new();

        using CommandRun run = CommandRun.Under(
            ["prlimit", "--fsize=4096"], "apply", $"{target.Process.Pid}", "--advice", "cold", "--range", $"{target.Range}", "--freezer", "signal");

        run.AssertEnded(5);
        Assert.Contains("RLIMIT_FSIZE", run.Error, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }
}
