namespace ConsistentMadvise.KernelTests;

/// <summary>
/// The kernel adds the offset of the reader's time namespace to start times. An engine in another namespace died, and a recovery said that its target had
/// exited, removed the journal and left it stopped; tokens and plans named a process that was "gone".
/// </summary>
[Collection(RecoveryAlone.Name)]
public sealed class RecoveryInAnotherTimeNamespaceCalledATargetExited
{
    private static readonly string[] Elsewhen = ["unshare", "--time", "--boottime", "1000000"];

    [KernelFact(Needs.NiceCapability | Needs.TimeNamespace)]
    public async Task Recover_TheEngineWasInAnother_ThawsTheTarget()
    {
        using PlannedTarget target = new();
        using (CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal, null, Elsewhen))
        {
            Assert.NotEqual(new FileInfo("/proc/self/ns/time").LinkTarget, new FileInfo($"/proc/{caller.Pid}/ns/time").LinkTarget);
            caller.KillGuard();
            caller.Kill();
            caller.WaitForExit();
        }

        IReadOnlyList<RecoveredFreeze> recovered = await FreezeRecovery.RecoverAsync();

        Assert.Equal(RecoveryStatus.Thawed, Assert.Single(recovered, freeze => freeze.Process.Pid == target.Process.Pid).Status);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.TimeNamespace)]
    public void Recover_TheRecoveryIsInAnother_ThawsTheTarget()
    {
        using PlannedTarget target = new();
        using (CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal))
        {
            caller.KillGuard();
            caller.Kill();
            caller.WaitForExit();
        }

        using CommandRun run = CommandRun.Under(Elsewhen, "recover");

        run.AssertEnded(0);
        Assert.Contains($"Process {target.Process.Pid}: thawed", run.Output, StringComparison.Ordinal);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.TimeNamespace)]
    public void Guard_OfAnEngineInAnother_ThawsTheTarget()
    {
        using PlannedTarget target = new();
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal, null, Elsewhen);
        caller.Kill();
        caller.WaitForExit();
        caller.WaitForGuard();

        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.TimeNamespace)]
    public void Check_TokenOfAnother_Holds()
    {
        using PlannedTarget target = new();
        string pid = $"{target.Process.Pid}";
        string token = target.Capture().Token.ToString();

        using CommandRun check = CommandRun.Under(Elsewhen, "check", pid, "--token", token);
        using CommandRun apply = CommandRun.Under(Elsewhen, "apply", pid, "--advice", "cold", "--token", token, "--range", $"{target.Range}", "--freeze-timeout", "30s");

        check.AssertEnded(0);
        apply.AssertEnded(0);
        target.Process.AssertRuns();
    }
}
