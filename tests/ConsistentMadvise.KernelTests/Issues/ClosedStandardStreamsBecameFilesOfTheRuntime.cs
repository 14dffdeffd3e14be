namespace ConsistentMadvise.KernelTests;

/// <summary>Started without standard streams, the command got files of its own as 0, 1 and 2, and wrote to them what was for people.</summary>
public sealed class ClosedStandardStreamsBecameFilesOfTheRuntime
{
    [KernelTheory(Needs.NiceCapability)]
    [InlineData("<&-", true)]
    [InlineData(">&-", false)]
    [InlineData("2>&-", true)]
    [InlineData("<&- >&-", false)]
    [InlineData("<&- >&- 2>&-", false)]
    public void Apply_WithoutStandardStreams_AppliesAndSaysSoByItsCode(string closed, bool hasOutput)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        foreach (string freezer in (string[])["ptrace", "signal"])
        {
            using CommandRun run = CommandRun.FromShell(
                $"""exec "$@" {closed}""", "apply", $"{target.Pid}", "--advice", "cold", "--filter", "heap", "--freezer", freezer, "--freeze-timeout", "30s");

            run.AssertEnded(0);
            Assert.Equal(hasOutput, run.Output.Length != 0);
        }

        target.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Command_WithoutStandardStreams_HasTheNullDeviceInTheirPlace()
    {
        using CommandRun run = CommandRun.StartFromShell("""exec "$@" <&- >&- 2>&-""", "watch", "--interval", "300s");

        Eventually.Holds(
            () => Enumerable.Range(0, 3).All(number => new FileInfo($"/proc/{run.Pid}/fd/{number}").LinkTarget == "/dev/null"),
            "0, 1 and 2 are the null device");
    }

    [KernelFact]
    public void Command_PlanFromAStdinThatIsClosed_IsAUsageError()
    {
        using CommandRun run = CommandRun.FromShell("""exec "$@" <&-""", "apply", "--plan", "-");

        run.AssertFailed(2, "The content of stdin is not a plan");
    }
}
