using System.Diagnostics;
using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>cmadvise recover</c>, and an engine that begins with the same.</summary>
[Collection(RecoveryAlone.Name)]
public sealed class CliRecoverTests
{
    [KernelTheory(Needs.NiceCapability)]
    [InlineData(false)]
    [InlineData(true)]
    public void Recover_TargetLeftStopped_ContinuesIt(bool isJson)
    {
        using PlannedTarget target = new();
        Eventually.Holds(
            () =>
            {
                Leave(target);

                using CommandRun run = CommandRun.Of(isJson ? ["recover", "--json"] : ["recover"]);

                target.Process.AssertRuns();
                run.AssertEnded(0);
                return isJson ? IsThawed(run, target.Process.Pid) : run.Output.Contains($"Process {target.Process.Pid}: thawed", StringComparison.Ordinal);
            },
            "the command is faster than every engine of other test runs");
    }

    [KernelFact(Needs.NiceCapability)]
    public async Task Engine_TargetLeftStopped_ContinuesItFirst()
    {
        using PlannedTarget target = new();
        RecoveredFreeze? found = null;
        for (long begin = Stopwatch.GetTimestamp(); found is null;)
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Eventually.Patience, "the engine is faster than every engine of other test runs");
            Leave(target);

            await using HintEngine engine = new();
            found = (await engine.Recovery).SingleOrDefault(freeze => freeze.Process.Pid == target.Process.Pid);

            target.Process.AssertRuns();
        }

        Assert.Equal(RecoveryStatus.Thawed, found.Status);
    }

    private static bool IsThawed(CommandRun run, int pid)
    {
        JsonElement line = run.AssertLines(0).SingleOrDefault(line => line.GetProperty("pid").GetInt32() == pid);
        bool isFound = line.ValueKind == JsonValueKind.Object;
        if (isFound)
        {
            Assert.Equal(("thawed", "signal"), (line.GetProperty("status").GetString(), line.GetProperty("freezer").GetString()));
        }

        return isFound;
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
