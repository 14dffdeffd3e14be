namespace ConsistentMadvise.Cli;

/// <summary>Turns an exception into one sentence for the user and an exit code.</summary>
internal static class Failure
{
    public static int Report(Exception failure, CommandOutput output, CancellationToken cancellationToken)
    {
        if (failure is OutputException { IsReaderGone: true })
        {
            return ExitCode.ReaderGone;
        }

        (int code, string message) = Explain(failure, cancellationToken);
        TargetException? target = failure as TargetException;
        return Report(code, message, target is null ? null : JsonName.Of(target.Error), target?.Pid, output);
    }

    /// <summary>Reports what is wrong on stderr, and with <c>--json</c> also on stdout.</summary>
    public static int Report(int code, string message, string? reason, int? pid, CommandOutput output)
    {
        output.Message(message);
        if (!output.IsJson)
        {
            return code;
        }

        try
        {
            output.Json(new FailureDocument(ExitCode.Name(code), reason, code, pid, message), JsonContext.Default.FailureDocument);
        }
        catch (OutputException)
        {
            return code; // stderr has it
        }

        return code;
    }

    private static (int Code, string Message) Explain(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => (ExitCode.Cancelled, "Cancelled by a signal; the target runs as before."),
        UsageException => (ExitCode.Usage, failure.Message),
        OutputException => (ExitCode.Unexpected, failure.Message),
        RefusedException => (ExitCode.Refused, failure.Message),
        TargetException target => (Of(target.Error), target.Message),
        TargetMayBeFrozenException => (ExitCode.Unexpected, $"WARNING: A PROCESS MAY HAVE BEEN LEFT FROZEN. {failure.Message}"),
        PlatformNotSupportedException => (ExitCode.NotOnThisMachine, failure.Message),
        TypeInitializationException { InnerException: PlatformNotSupportedException inner } => (ExitCode.NotOnThisMachine, inner.Message),
        _ => (ExitCode.Unexpected, $"Unexpected error, please report it: {failure.GetType().Name}: {failure.Message}"),
    };

    private static int Of(TargetError error) => error is TargetError.NotFound or TargetError.Zombie ? ExitCode.TargetGone : ExitCode.Refused;
}
