namespace ConsistentMadvise.KernelTests;

/// <summary>A stdout that cannot be written was "an unexpected error, please report it"; a stderr that cannot, and a limit on the size of files, killed the command.</summary>
public sealed class AFullDeviceWasAnUnexpectedError
{
    private const string Full = "No space left on device. Free space on it";

    private const string TooLarge = "File too large. The file size limit is reached (ulimit -f)";

    [KernelTheory(Needs.NiceCapability)]
    [InlineData("""exec "$@" > /dev/full""", Full)]
    [InlineData("""file=$(mktemp); exec 3> "$file"; rm "$file"; ulimit -f 0; exec "$@" >&3 3>&-""", TooLarge)]
    public void Command_StdoutThatTakesNothing_Is1AndSaysWhatToDo(string script, string sentence)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        foreach (string line in (string[])["snapshot PID", "snapshot PID --json", "plan PID --advice cold --filter heap", "doctor", "--help", "--version", "completion"])
        {
            using CommandRun run = CommandRun.FromShell(script, line.Replace("PID", $"{target.Pid}", StringComparison.Ordinal).Split(' '));

            run.AssertFailed(1, sentence);
            Assert.DoesNotContain("report it", run.Error, StringComparison.Ordinal);
        }

        using CommandRun apply = CommandRun.FromShell(script, "apply", $"{target.Pid}", "--advice", "cold", "--filter", "heap", "--freeze-timeout", "30s");
        apply.AssertFailed(1, "Applied: cold of ");
        Assert.Contains(sentence, apply.Error, StringComparison.Ordinal);
        target.AssertRuns();
    }

    [KernelTheory]
    [InlineData("""exec "$@" 2> /dev/full""")]
    [InlineData("""exec "$@" > /dev/full 2>&1""")]
    public void Command_StderrThatIsFull_KeepsItsExitCode(string script)
    {
        using CommandRun run = CommandRun.FromShell(script, "snapshot", "0");

        run.AssertEnded(2);
    }

    [KernelFact(Needs.NiceCapability)]
    public void Command_FilesOfNoSize_WorksWithoutAny()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        const string Script = """ulimit -f 0; exec "$@" """;

        using CommandRun ptrace = CommandRun.FromShell(Script, "apply", $"{target.Pid}", "--advice", "cold", "--filter", "heap", "--freezer", "ptrace", "--freeze-timeout", "30s");
        using CommandRun signal = CommandRun.FromShell(Script, "apply", $"{target.Pid}", "--advice", "cold", "--filter", "heap", "--freezer", "signal");
        using CommandRun demo = CommandRun.FromShell(Script, "demo");

        ptrace.AssertEnded(0);
        signal.AssertEnded(5); // a journal cannot be written, and without one nothing is frozen that the kernel does not thaw by itself
        demo.AssertEnded(5);
        Assert.Contains("could not make a file of 32 MiB", demo.Error, StringComparison.Ordinal);
        target.AssertRuns();
    }
}
