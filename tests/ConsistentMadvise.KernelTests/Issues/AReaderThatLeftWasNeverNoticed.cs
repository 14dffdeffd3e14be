namespace ConsistentMadvise.KernelTests;

/// <summary><c>watch | head -1</c> went on for ever: .NET's stream of stdout takes <c>EPIPE</c> for success.</summary>
public sealed class AReaderThatLeftWasNeverNoticed
{
    /// <summary>Stdout is a pipe whose reader has left already.</summary>
    private const string WithoutReader = """
        pipe=$(mktemp -u) && mkfifo -m 600 "$pipe" && exec 4<>"$pipe" 3>"$pipe" 4<&- || exit 99
        rm "$pipe"
        exec "$@" >&3 3>&-
        """;

    [KernelTheory(Needs.Bpf)]
    [InlineData("")]
    [InlineData("--json")]
    public void Watch_ReaderThatLeaves_EndsAtOnceAndNotAtItsNextReport(string option)
    {
        using CommandRun run = CommandRun.FromShell(
            """{ "$@"; echo "code $?" >&2; } | { true; }""", ["watch", "--interval", "300s", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal("code 141\n", run.Error);
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_ReaderOfOneLine_Ends()
    {
        using CommandRun run = CommandRun.FromShell("""{ "$@"; echo "code $?" >&2; } | head -n 1""", "watch", "--interval", "50ms");

        Assert.Equal("code 141\n", run.Error);
        Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [KernelTheory(Needs.NiceCapability)]
    [InlineData("snapshot PID", 141)]
    [InlineData("snapshot PID --json", 141)]
    [InlineData("plan PID --advice cold --filter heap", 141)]
    [InlineData("apply PID --advice cold --filter heap --dry-run", 141)]
    [InlineData("doctor", 141)]
    [InlineData("doctor --json", 141)]
    [InlineData("demo", 141)]
    [InlineData("completion", 141)]
    [InlineData("--help", 141)]
    [InlineData("--version", 141)]
    [InlineData("apply PID --advice cold --filter heap --freeze-timeout 30s", 0)]
    [InlineData("apply PID --advice cold --filter heap --freeze-timeout 30s --json", 0)]
    [InlineData("snapshot 0 --json", 2)]
    public void Command_WithoutReader_EndsWith141OrWithWhatItDid(string line, int code)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.FromShell(WithoutReader, line.Replace("PID", $"{target.Pid}", StringComparison.Ordinal).Split(' '));

        run.AssertEnded(code);
        Assert.DoesNotContain("report it", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be written", run.Error, StringComparison.Ordinal);
        target.AssertRuns();
    }
}
