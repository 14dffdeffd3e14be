using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>cmadvise recover</c>, and an engine that begins with the same.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class CliRecoverTests
{
    [KernelTheory(Needs.NiceCapability)]
    [InlineData(false)]
    [InlineData(true)]
    public void Recover_TargetLeftStopped_LetsItRun(bool isJson)
    {
        using PlannedTarget target = new();
        Leave(target);

        using CommandRun run = CommandRun.Of(isJson ? ["recover", "--json"] : ["recover"]);

        if (isJson)
        {
            JsonElement line = Assert.Single(run.AssertLines(0), line => line.GetProperty("pid").GetInt32() == target.Process.Pid);
            Assert.Equal(("thawed", "signal"), (line.GetProperty("status").GetString(), line.GetProperty("freezer").GetString()));
        }
        else
        {
            run.AssertEnded(0);
            Assert.Contains($"Process {target.Process.Pid}: thawed", run.Output, StringComparison.Ordinal);
        }

        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public async Task Engine_TargetLeftStopped_BeginsByLettingItRun()
    {
        using PlannedTarget target = new();
        Leave(target);

        await using HintEngine engine = new();
        IReadOnlyList<RecoveredFreeze> recovered = await engine.Recovery;

        Assert.Equal(RecoveryStatus.Thawed, Assert.Single(recovered, freeze => freeze.Process.Pid == target.Process.Pid).Status);
        target.Process.AssertRuns();
    }

    private static void Leave(PlannedTarget target)
    {
        using CrashCaller caller = CrashCaller.StartAt(TransactionPhase.Frozen, target.Process.Pid, FreezerKind.Signal);
        caller.KillGuard();
        caller.Kill();
        caller.WaitForExit();
        Assert.All(ThreadStatus.ReadAll(target.Process.Pid), static thread => Assert.True(thread.IsStopped));
    }
}
