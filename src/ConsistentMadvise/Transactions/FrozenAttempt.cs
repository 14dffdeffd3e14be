using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary><see cref="HintConsistency.Frozen"/>: creates a freezer, runs windows with it, and retries if only another freeze can give an answer.</summary>
internal static class FrozenAttempt
{
    /// <summary>Runs the windows. Once it returns or throws, the target is as it was found.</summary>
    public static TransactionStop Run(TransactionState state, IRecheck recheck, CancellationToken cancellationToken)
    {
        SharerWatch sharers = new(state.Target, state.Options.Sharers, state.Options.Sharers == SharerPolicy.Ignore ? null : UsersReader.Shared);
        long begin = Stopwatch.GetTimestamp();
        FreezeRetries retries = new(state);
        TransactionStop stop;
        do
        {
            stop = TransactionStop.IfCancelled(cancellationToken);
            stop = stop.IsNone ? Run(state, recheck, sharers, cancellationToken) : stop;
        }
        while ((sharers.HasFoundAnother && Stopwatch.GetElapsedTime(begin) < Patience(state)) // to be frozen with the others
            || retries.Take(stop, cancellationToken));

        return stop;
    }

    private static TransactionStop Run(TransactionState state, IRecheck recheck, SharerWatch sharers, CancellationToken cancellationToken)
    {
        (IFreezer? freezer, state.FreezerReason, TransactionStop stop) = SharedFreezers.Create(state.Target, RequestOf(state), sharers);
        if (freezer is null)
        {
            return stop;
        }

        state.Freezer = freezer.Kind;
        freezer = state.Probe?.Substitute(freezer) ?? freezer;
        TargetLock? targetLock = null;
        try
        {
            Errno errno = TargetLock.Open(state.Target, out targetLock);
            if (targetLock is null)
            {
                return state.Target.HasExited ? TransactionStop.TargetExited
                    : errno.IsDenied ? new TransactionStop(HintStatus.Refused, HintReason.NotPermitted, 0, errno)
                    : TransactionStop.CouldNotLook(errno);
            }

            WindowLoop windows = new(state, recheck, sharers, freezer, targetLock);
            if (freezer is ITracingFreezer tracing)
            {
                try
                {
                    stop = new TracingRun(state, tracing, targetLock, windows, cancellationToken).RunOnThread();
                }
                finally
                {
                    windows.LeaveIf(state.IsGivenUp);
                }
            }
            else
            {
                stop = windows.Run(cancellationToken);
            }
        }
        finally
        {
            if (!state.IsGivenUp)
            {
                targetLock?.Dispose();
                freezer.Dispose();
            }
        }

        Learn(state, stop);
        return stop;
    }

    /// <summary>Records what freezing and thawing cost, for the next choice of a freezer.</summary>
    private static void Learn(TransactionState state, TransactionStop stop)
    {
        if (state.Freezer is { } freezer && state.Clock.Windows != 0 && stop.Status != HintStatus.FreezeTimedOut && state.Target.Directory.ReadStat(out ProcStat stat).Ok)
        {
            FreezeCosts.Shared.Add(freezer, stat.Threads, (state.Clock.Timings.Freeze + state.Clock.Timings.Thaw) / state.Clock.Windows);
        }
    }

    /// <summary>A test's probe may hold a window as long as it needs.</summary>
    private static FreezeRequest RequestOf(TransactionState state) => state.Probe is null || state.Options.HasPauseLimit
        ? state.Options.ToFreezeRequest()
        : state.Options.ToFreezeRequest() with { PauseLimit = Timeout.InfiniteTimeSpan };

    private static TimeSpan Patience(TransactionState state) =>
        state.Options.FreezeTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : state.Options.FreezeTimeout;
}
