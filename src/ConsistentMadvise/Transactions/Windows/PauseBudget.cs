using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines how much one call may carry, so that a window stays within its pause, and whether a window is worth its cost.</summary>
/// <remarks>
/// Uses a rate that is measured on this target, with this advice, and trusted slowly: memory that was never touched is passed over a thousand
/// times faster than memory that must be written out, and nothing shows which comes next. A slower call counts at once; a faster one raises the rate by
/// half at most, and never above the best rate for touched memory.
/// </remarks>
[RunsFrozen]
internal sealed class PauseBudget
{
    /// <summary>The part of the remaining time that is planned for: rates vary with the kind of pages.</summary>
    private const double Share = 0.8;

    /// <summary>The factor by which the rate may grow from one call to the next.</summary>
    private const double Growth = 1.5;

    /// <summary>The first call is planned at this part of the best rate: swap may be slow.</summary>
    private const double Caution = 0.125;

    /// <summary>The part of the pause that is planned for: the target feels the pause until its threads have woken, which the caller does not see.</summary>
    private const double Planned = 0.9;

    /// <summary>A window ends when less than this part of its time is left: ever smaller calls would cost more than they carry.</summary>
    private const double Rest = 0.05;

    /// <summary>What a window may carry beyond its pause after an unlucky freeze, as a part of the pause: the target was already held for it, and the next freeze may be no luckier.</summary>
    private const double Floor = 0.25;

    /// <summary>The pause that is reported as needed exceeds the measured minimum by this factor.</summary>
    private const double Margin = 1.5;

    private readonly long _ticks;
    private readonly ulong _mostBytes;
    private readonly double _bestBytesPerTick;
    private double _bytesPerTick;
    private bool _isMeasured;
    private long _freezeTicks;
    private long _recheckTicks;
    private long _thawTicks;
    private long _leastRecheck = long.MaxValue;
    private long _leastHold = long.MaxValue;
    private long _begin;
    private long _floorEnd;

    public PauseBudget(TimeSpan maxPause, Advice advice, ulong mostBytes = ulong.MaxValue)
    {
        long ticks = MonotonicTicks.From(maxPause);
        _ticks = ticks == long.MaxValue ? ticks : (long)(ticks * Planned);
        _mostBytes = mostBytes;
        _bestBytesPerTick = BestBytesPerSecond(advice) / Stopwatch.Frequency;
        _bytesPerTick = _bestBytesPerTick * Caution;
    }

    /// <summary>The maximum time for freezing and thawing this many threads if no thread waits for a processor: twice 30 us a thread, the cost by ptrace, which is the highest (Linux 6.18).</summary>
    public static long HoldTicks(int threads) => Stopwatch.Frequency * threads / 16_667;

    /// <summary>Begins a window: the first stop request is about to be made.</summary>
    public void Begin(long now)
    {
        _begin = now;
        _floorEnd = now;
        _freezeTicks = 0;
    }

    /// <summary>The bytes that the next call may carry; 0 to end the window. The first call of a window may always carry some.</summary>
    public ulong Next(long now, bool isFirst)
    {
        ulong most = isFirst || _mostBytes == ulong.MaxValue ? _mostBytes : 0;
        if (_ticks == long.MaxValue)
        {
            return most;
        }

        if (isFirst)
        {
            _floorEnd = now + RoomAtLeast(now - _begin);
        }

        long left = Math.Max(0, Math.Max(_begin + _ticks - LookAndThaw, _floorEnd) - now);
        ulong bytes = Math.Max((ulong)(left * _bytesPerTick * Share), (ulong)Environment.SystemPageSize);
        return isFirst || left > _ticks * Rest ? Math.Min(bytes, most) : 0;
    }

    /// <summary>Whether windows cost more than they leave to carry, even with the fastest freezes.</summary>
    public bool IsCostly(int threads) => _ticks != long.MaxValue && LeastCost(threads) > _ticks - LeastCost(threads);

    /// <summary>Whether the rest of a plan is too much for one costly window.</summary>
    /// <param name="bytesLeft">The bytes left of the plan.</param>
    /// <param name="threads">The target's threads: if a freeze takes longer than their number explains, some waited for a processor, and in the next freeze they may not.</param>
    /// <param name="spent">What the window has spent so far; 0 before the first.</param>
    public bool IsTooShort(ulong bytesLeft, int threads, long spent)
    {
        spent = Math.Max(spent, LeastCost(threads) - LookAndThaw);
        return bytesLeft / (_isMeasured ? _bytesPerTick : _bestBytesPerTick) > Math.Max(_ticks - spent - LookAndThaw, RoomAtLeast(spent));
    }

    /// <summary>The pause in which a window carries as much as it costs, with a margin, in whole milliseconds.</summary>
    /// <param name="threads">The target's threads.</param>
    /// <param name="expectedHold">The expected time for freezing and thawing, if nothing was frozen yet.</param>
    public TimeSpan Needed(int threads, TimeSpan expectedHold)
    {
        long hold = _leastHold == long.MaxValue ? MonotonicTicks.From(expectedHold) : Math.Min(_leastHold, HoldTicks(threads));
        double milliseconds = MonotonicTicks.ToTime(2 * (hold + 2 * LeastRecheck)).TotalMilliseconds;
        return TimeSpan.FromMilliseconds(Math.Ceiling(milliseconds / Planned * Margin));
    }

    /// <summary>Records how much a call carried and how long it took.</summary>
    public void Advised(ulong bytes, long ticks)
    {
        _bytesPerTick = Math.Min(Math.Min(bytes / (double)Math.Max(1, ticks), _bytesPerTick * Growth), _bestBytesPerTick);
        _isMeasured = true;
    }

    /// <summary>Records how long the same comparison took while the target ran.</summary>
    public void Prechecked(long ticks) => _leastRecheck = Math.Min(_leastRecheck, ticks);

    /// <summary>Records how long freezing took.</summary>
    public void Frozen(long ticks) => _freezeTicks = ticks;

    /// <summary>Records how long the recheck took; the check after the hints takes as long again.</summary>
    public void Rechecked(long ticks)
    {
        _recheckTicks = ticks;
        _leastRecheck = Math.Min(_leastRecheck, ticks);
        _leastHold = Math.Min(_leastHold, _freezeTicks + _thawTicks);
    }

    /// <summary>Records how long thawing took.</summary>
    public void Thawed(long ticks) => _thawTicks = ticks;

    private long LeastRecheck => _leastRecheck == long.MaxValue ? 0 : _leastRecheck;

    private long LookAndThaw => _recheckTicks + _thawTicks;

    private long LeastCost(int threads) => 2 * LeastRecheck + (_leastHold == long.MaxValue ? 0 : Math.Min(_leastHold, HoldTicks(threads)));

    /// <summary>The time for calls in a window that has spent this much, if the pause leaves almost none.</summary>
    private long RoomAtLeast(long spent) => Math.Min(spent, (long)(_ticks * Floor));

    /// <summary>The best rate for touched memory, measured on a small virtual machine: 256 MiB in 13 ms (cold), 51 (will need), 326 (page out); 2 MiB in 1.3 ms (collapse).</summary>
    private static double BestBytesPerSecond(Advice advice) =>
        advice == Advice.Cold ? 20e9
        : advice == Advice.WillNeed ? 5e9
        : advice == Advice.Collapse ? 1.6e9
        : 0.8e9;
}
