using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

public sealed class FailureTests
{
    public static TheoryData<TargetError, int> TargetErrors => new()
    {
        { TargetError.NotFound, 4 },
        { TargetError.Zombie, 4 },
        { TargetError.NotAProcess, 5 },
        { TargetError.IsCaller, 5 },
        { TargetError.KernelThread, 5 },
        { TargetError.ThreadGroupLeaderExited, 5 },
        { TargetError.AccessDenied, 5 },
    };

    [Theory]
    [MemberData(nameof(TargetErrors))]
    public void Report_TargetThatCannotBe_IsGoneOrRefused(TargetError error, int code)
    {
        TargetException failure = new(4242, error);
        Assert.Equal((code, failure.Message + "\n"), Report(failure));
    }

    [Fact]
    public void Report_UnfitMachine_Is8() => Assert.Equal((8, "no such call\n"), Report(new PlatformNotSupportedException("no such call")));

    [Fact]
    public void Report_UnknownProcessor_Is8() =>
        Assert.Equal((8, "s390x\n"), Report(new TypeInitializationException("SyscallNumber", new PlatformNotSupportedException("s390x"))));

    [Fact]
    public void Report_TargetThatMayBeFrozen_IsLoud()
    {
        (int code, string message) = Report(new TargetMayBeFrozenException(4242, FreezerKind.Cgroup, "Write 0."));
        Assert.Equal(1, code);
        Assert.StartsWith("WARNING: A PROCESS MAY HAVE BEEN LEFT FROZEN. Process 4242", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_Cancelled_Is130()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Equal((130, "Cancelled by a signal; the target runs as before.\n"), Report(new OperationCanceledException(), cancelled.Token));
    }

    [Fact]
    public void Report_CancelledWithoutARequest_IsUnexpected() => Assert.Equal(1, Report(new OperationCanceledException()).Code);

    [Fact]
    public void Report_AnythingElse_NamesTypeAndMessageInOneLine() =>
        Assert.Equal((1, "Unexpected error, please report it: InvalidOperationException: odd \\u{1b}[0m\n"), Report(new InvalidOperationException("odd \u001b[0m")));

    private static (int Code, string Message) Report(Exception failure, CancellationToken cancellationToken = default)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = Failure.Report(failure, new CommandOutput(output, error, isTerminal: false), cancellationToken);
        Assert.Empty(output.ToString());
        return (code, error.ToString());
    }
}
