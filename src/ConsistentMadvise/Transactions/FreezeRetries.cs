namespace ConsistentMadvise;

/// <summary>Retries a freeze that timed out, a few times, each after a rest: one thread that waited for a processor or a page says nothing about the next freeze.</summary>
internal struct FreezeRetries(TransactionState state)
{
    /// <summary>How many freezes in a row may fail before the plan is given up.</summary>
    private const int MaxFailures = 5;

    /// <summary>How long the target rests before the next freeze, as a multiple of the time that the failed one held it.</summary>
    private const int RestPerHold = 4;

    /// <summary>The shortest rest of a target that is in execve(2): for 400 threads that call takes some milliseconds.</summary>
    private static readonly TimeSpan RestOfExec = TimeSpan.FromMilliseconds(20);

    private int _failures;
    private int _windows;

    /// <summary>Takes the rest, and returns whether to try another freeze.</summary>
    /// <param name="stop">The result of the last one.</param>
    /// <param name="cancellationToken">Ends the rest.</param>
    public bool Take(TransactionStop stop, CancellationToken cancellationToken)
    {
        _failures = state.Clock.Windows == _windows ? _failures + 1 : 1;
        _windows = state.Clock.Windows;
        if (stop.Status != HintStatus.FreezeTimedOut || state.IsGivenUp || _failures == MaxFailures)
        {
            return false;
        }

        TimeSpan rest = MonotonicTicks.ToTime(RestPerHold * state.Clock.LastPause);
        rest = stop.Reason == HintReason.Executing && rest < RestOfExec ? RestOfExec : rest;
        WindowRest.Take(rest > state.Options.RestBetweenWindows ? rest : state.Options.RestBetweenWindows, cancellationToken);
        return true;
    }
}
