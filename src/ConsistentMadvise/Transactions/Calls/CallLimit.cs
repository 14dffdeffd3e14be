using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How long to wait for a call that may itself wait for others before it is given up.</summary>
[RunsFrozen]
internal readonly struct CallLimit
{
    /// <summary>The maximum bytes of a call if no pause bounds it: many small calls show progress, one large call does not.</summary>
    private const ulong MaxBytes = 16 * 1024 * 1024;

    /// <summary>The smallest limit unless one was set: a call that only waits for its turn at a disk must not be given up.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    /// <summary>The limit of one call that holds up only the caller.</summary>
    private static readonly TimeSpan Unfrozen = TimeSpan.FromSeconds(10);

    private readonly bool _isFromBegin;
    private readonly bool _isBounded;
    private readonly long _ticks;

    public CallLimit(HintOptions options)
    {
        bool isFrozen = options.Consistency == HintConsistency.Frozen;
        _isBounded = isFrozen && options.MaxPause != Timeout.InfiniteTimeSpan;
        _isFromBegin = isFrozen && (_isBounded || options.HasPauseLimit);
        _ticks = MonotonicTicks.From(isFrozen ? OfWindow(options) : Unfrozen);
    }

    /// <summary>The maximum bytes of a call, given the bytes that the pause allows.</summary>
    public ulong Cap(ulong bytes) => _isBounded ? bytes : Math.Min(bytes, MaxBytes);

    /// <summary>The ticks left for a call. In a window without a bound each call gets the whole limit, as it does from the guard, unless a limit was set explicitly.</summary>
    /// <param name="begin">When the window began.</param>
    /// <param name="now">When the call begins.</param>
    public long Left(long begin, long now) => _isFromBegin && _ticks != long.MaxValue ? begin + _ticks - now : _ticks;

    /// <summary>Nine tenths of <see cref="HintOptions.PauseLimit"/>, so that the caller, if it can, thaws before the guard does.</summary>
    private static TimeSpan OfWindow(HintOptions options)
    {
        if (options.PauseLimit == Timeout.InfiniteTimeSpan)
        {
            return options.PauseLimit;
        }

        TimeSpan limit = TimeSpan.FromTicks(options.PauseLimit.Ticks / 10 * 9);
        return limit > Least || options.HasPauseLimit ? limit : Least;
    }
}
