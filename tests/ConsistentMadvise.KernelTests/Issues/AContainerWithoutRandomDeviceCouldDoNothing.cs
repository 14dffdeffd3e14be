namespace ConsistentMadvise.KernelTests;

/// <summary>Without <c>/dev/urandom</c> every command ended with "TypeInitializationException, please report it".</summary>
public sealed class AContainerWithoutRandomDeviceCouldDoNothing
{
    private const string EmptyDev = """exec unshare --mount /bin/sh -c 'mount -t tmpfs tmpfs /dev && exec "$@"' sh "$@" """;

    private const string NoHome = """unset HOME; TMPDIR=/nonexistent exec "$@" """;

    [KernelTheory(Needs.Root | Needs.NiceCapability)]
    [InlineData(EmptyDev)]
    [InlineData(NoHome)]
    public void Command_BareSurroundings_Works(string script)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        foreach (string line in (string[])
            [
                "snapshot PID", "doctor", "plan PID --advice cold", "apply PID --advice cold --filter heap --freezer ptrace --freeze-timeout 30s",
                "apply PID --advice cold --filter heap --freezer signal --freeze-timeout 30s", "recover", "demo",
            ])
        {
            using CommandRun run = CommandRun.FromShell(script, line.Replace("PID", $"{target.Pid}", StringComparison.Ordinal).Split(' '));

            run.AssertEnded(0);
            Assert.NotEmpty(run.Output);
        }

        target.AssertRuns();
    }
}
