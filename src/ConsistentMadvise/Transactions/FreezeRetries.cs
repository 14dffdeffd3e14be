namespace ConsistentMadvise;

/// <summary>Lets a freeze that timed out be tried again, a few times, after a rest: one thread that waited for a processor or a page says nothing about the next freeze.</summary>
internal struct FreezeRetries(TransactionState state)
{
    /// <summary>How many freezes in a row may fail before the plan is given up.</summary>
    private const int MaxFailures = 5;

    /// <summary>How much longer the target runs before the next freeze than the one that failed has held it.</summary>
    private const int RestPerHold = 4;

    /// <summary>The shortest rest of a target in execve(2): for 400 threads that takes some milliseconds.</summary>
    private static readonly TimeSpan RestOfExec = TimeSpan.FromMilliseconds(20);

    private int _failures;
    private int _windows;

    /// <summary>Takes the rest, and returns whether another freeze is to be tried.</summary>
    /// <param name="stop">How the last one ended.</param>
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
