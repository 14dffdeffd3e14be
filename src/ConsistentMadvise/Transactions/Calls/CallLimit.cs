using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How long a call that may wait for others is waited for before it is given up.</summary>
[RunsFrozen]
internal readonly struct CallLimit
{
    /// <summary>The bytes of a call where no pause bounds them: many little calls show that they go on, one large call does not.</summary>
    private const ulong MaxBytes = 16 * 1024 * 1024;

    /// <summary>The least limit where none was asked for: a call that the kernel makes wait for its turn at a disk is not to be given up.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    /// <summary>For one call that holds no one but the caller.</summary>
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

    /// <summary>The most bytes that a call may carry of those that the pause allows.</summary>
    public ulong Cap(ulong bytes) => _isBounded ? bytes : Math.Min(bytes, MaxBytes);

    /// <summary>How many ticks are left for a call. In a window without a bound each call has the whole limit, unless one was asked for, as it has of the guard.</summary>
    /// <param name="begin">When the window began.</param>
    /// <param name="now">When the call begins.</param>
    public long Left(long begin, long now) => _isFromBegin && _ticks != long.MaxValue ? begin + _ticks - now : _ticks;

    /// <summary>Nine tenths of <see cref="HintOptions.PauseLimit"/>: the caller, where it can, thaws before the guard does.</summary>
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
