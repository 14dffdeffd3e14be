namespace ConsistentMadvise.Cli;

/// <summary>Turns what was thrown into one sentence for the user and an exit code.</summary>
internal static class Failure
{
    public static int Report(Exception failure, CommandOutput output, CancellationToken cancellationToken)
    {
        (int code, string message) = Explain(failure, cancellationToken);
        output.Message(message);
        return code;
    }

    private static (int Code, string Message) Explain(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => (ExitCode.Cancelled, "Cancelled by a signal; the target is as it was found."),
        UsageException => (ExitCode.Usage, failure.Message),
        RefusedException => (ExitCode.Refused, failure.Message),
        TargetException target => (Of(target.Error), target.Message),
        TargetMayBeFrozenException => (ExitCode.Unexpected, $"WARNING: A PROCESS MAY HAVE BEEN LEFT FROZEN. {failure.Message}"),
        PlatformNotSupportedException => (ExitCode.NotOnThisMachine, failure.Message),
        TypeInitializationException { InnerException: PlatformNotSupportedException inner } => (ExitCode.NotOnThisMachine, inner.Message),
        _ => (ExitCode.Unexpected, $"Unexpected error, please report it: {failure.GetType().Name}: {failure.Message}"),
    };

    private static int Of(TargetError error) => error is TargetError.NotFound or TargetError.Zombie ? ExitCode.TargetGone : ExitCode.Refused;
}
