namespace ConsistentMadvise;

/// <summary>The one helper of this process: started with the first transaction that requests it, kept, and restarted if it has exited.</summary>
internal static class TransactionHelper
{
    /// <summary>Bounds a hang: a killed process exits within milliseconds, unless one of its calls blocks in the kernel.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(10);

    private static readonly Lock Gate = new();
    private static HelperProcess? s_process;

    /// <summary>The helper; null before the first transaction.</summary>
    internal static HelperProcess? Current => s_process;

    /// <summary>Applies a plan through the helper. Once it returns or throws, the target is as it was found.</summary>
    public static HintOutcome Run(ProcessTarget target, HintPlan plan, HintOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        HelperConnection? connection = Ask(target, plan, options, out string why);
        if (connection is null)
        {
            return HintOutcome.Refused(HintReason.HelperNotAvailable, new HintReport { Message = ReasonText.ExplainHelper(why), BytesPlanned = plan.Bytes });
        }

        HelperReply? reply = connection.AwaitReply(cancellationToken);
        if (reply is null)
        {
            connection.Dispose();
            return AfterExit(connection.Process, target, plan);
        }

        connection.Process.Return(connection);
        return reply.Failure switch
        {
            HelperFailure.Cancelled => throw new OperationCanceledException(cancellationToken),
            HelperFailure.NotSupported => throw new PlatformNotSupportedException(reply.Message),
            HelperFailure.MayBeFrozen => throw new TargetMayBeFrozenException(target.Pid, reply.Freezer, reply.Message),
            HelperFailure.Unexpected => throw new InvalidOperationException($"The helper could not run the transaction. {reply.Message}"),
            _ => reply.ToOutcome(plan, ChangesFor(reply, target, plan)),
        };
    }

    /// <summary>Sends the plan to a helper. A helper that has exited since it was started is replaced once: it has begun nothing.</summary>
    private static HelperConnection? Ask(ProcessTarget target, HintPlan plan, HintOptions options, out string why)
    {
        why = "it exited while it was being started";
        for (int i = 0; i < 2; i++)
        {
            if (StartOrGet(out why) is not { } process)
            {
                return null;
            }

            HelperConnection? connection = process.Rent();
            if (connection?.TryAsk(target, plan, options) == true)
            {
                return connection;
            }

            connection?.Dispose();
            why = "it exited before it accepted the request";
        }

        return null;
    }

    private static HelperProcess? StartOrGet(out string why)
    {
        lock (Gate)
        {
            why = string.Empty;
            if (s_process is { HasExited: false } running)
            {
                return running;
            }

            s_process?.Abandon();
            s_process = HelperProcess.Start(out why);
            return s_process;
        }
    }

    /// <summary>Reports what is known if the helper exits, or does not respond, in the middle of a transaction: that the target runs, but not what was hinted.</summary>
    private static HintOutcome AfterExit(HelperProcess process, ProcessTarget target, HintPlan plan)
    {
        bool hasExited = process.End(ExitPatience);
        IReadOnlyList<RecoveredFreeze> found = FreezeRecovery.RecoverAsync().GetAwaiter().GetResult();
        RecoveredFreeze? left = found.FirstOrDefault(freeze => freeze.Process.Pid == target.Pid && freeze.MayBeFrozen);
        if (!hasExited || left is not null)
        {
            throw new TargetMayBeFrozenException(target.Pid, left?.Freezer, $"Its helper, process {process.Pid}, {(hasExited ? "has exited" : "waits in a call and does not exit")}. {left?.Message} Run: cmadvise recover.");
        }

        HintReport report = new()
        {
            Message = ReasonText.Explain(HintReason.HelperExited, process.Pid, default),
            BytesPlanned = plan.Bytes,
            Ranges = Array.ConvertAll(plan.RangeArray, static range => new RangeOutcome(range, RangeStatus.Unconfirmed, 0, 0)),
        };
        return HintOutcome.Raced(HintReason.HelperExited, report);
    }

    private static LayoutDiff ChangesFor(HelperReply reply, ProcessTarget target, HintPlan plan) =>
        StaleChanges.HasMoved(reply.Reason) && (plan.Layout is not null || reply.HasChanges) ? StaleChanges.Find(target, plan) : LayoutDiff.Empty;
}
