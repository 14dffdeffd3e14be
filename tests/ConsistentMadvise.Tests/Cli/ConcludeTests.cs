using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>What becomes of a command whose output cannot be written.</summary>
public sealed class ConcludeTests
{
    private const int EPIPE = 32, ENOSPC = 28;

    [Theory]
    [InlineData(0, EPIPE, 0, "")]
    [InlineData(5, EPIPE, 5, "")]
    [InlineData(0, ENOSPC, 1, "Done. The output cannot be written: No space left on device. Free space on it, or write elsewhere.\n")]
    [InlineData(5, ENOSPC, 5, "Done. The output cannot be written: No space left on device. Free space on it, or write elsewhere.\n")]
    public void Conclude_ReportThatIsLost_LeavesTheCodeOfWhatWasDone(int code, int errno, int ended, string message)
    {
        using StringWriter error = new();
        CommandOutput output = new(TextWriter.Null, error, isTerminal: false);

        Assert.Equal(ended, output.Conclude(code, "Done.", () => throw new OutputException(errno)));
        Assert.Equal(message, error.ToString());
    }

    [Fact]
    public void Report_ReaderThatIsGone_IsSilent()
    {
        using StringWriter error = new();

        Assert.Equal(ExitCode.ReaderGone, Failure.Report(new OutputException(EPIPE), new CommandOutput(TextWriter.Null, error, isTerminal: false), CancellationToken.None));
        Assert.Empty(error.ToString());
    }
}
