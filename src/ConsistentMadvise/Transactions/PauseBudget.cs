using System.Diagnostics;

namespace ConsistentMadvise;

/// <summary>Decides how much one call may carry, so that a window stays within its pause.</summary>
/// <remarks>
/// By a rate that is measured on this target, with this advice, and believed slowly: memory that was never touched is passed over a thousand
/// times faster than memory that has to be written out, and nobody tells which comes next. A slower call counts at once, a faster one by
/// half as much again, and never beyond what touched memory takes at best.
/// </remarks>
internal sealed class PauseBudget
{
    /// <summary>The part of the time left that is planned for: rates vary with what the pages are.</summary>
    private const double Share = 0.8;

    /// <summary>How much more than the last one a call may be trusted with.</summary>
    private const double Growth = 1.5;

    /// <summary>The first call is planned at this part of the best rate: swap may be slow.</summary>
    private const double Caution = 0.125;

    /// <summary>The part of the pause that is planned for: the target feels it until its threads have woken, which the caller does not see.</summary>
    private const double Planned = 0.9;

    /// <summary>A window ends when less than this part of its time is left: ever smaller calls would cost more than they do.</summary>
    private const double Rest = 0.05;

    private readonly long _ticks;
    private readonly double _bestBytesPerTick;
    private double _bytesPerTick;
    private long _recheckTicks;
    private long _thawTicks;
    private long _begin;

    public PauseBudget(TimeSpan maxPause, Advice advice)
    {
        long ticks = WindowClock.ToTicks(maxPause);
        _ticks = ticks == long.MaxValue ? ticks : (long)(ticks * Planned);
        _bestBytesPerTick = BestBytesPerSecond(advice) / Stopwatch.Frequency;
        _bytesPerTick = _bestBytesPerTick * Caution;
    }

    /// <summary>A window begins: the first request to stop is about to be made.</summary>
    public void Begin(long now) => _begin = now;

    /// <summary>The bytes that the next call may carry; 0 when the window is to end. The first call of a window always may carry some.</summary>
    public ulong Next(long now, bool isFirst)
    {
        if (_ticks == long.MaxValue)
        {
            return ulong.MaxValue;
        }

        long left = Math.Max(0, _ticks - (now - _begin) - _recheckTicks - _thawTicks);
        ulong page = (ulong)Environment.SystemPageSize;
        ulong bytes = Math.Max((ulong)(left * _bytesPerTick * Share), page);
        return isFirst || left > _ticks * Rest ? bytes : 0;
    }

    /// <summary>A call carried so much and took so long.</summary>
    public void Advised(ulong bytes, long ticks) =>
        _bytesPerTick = Math.Min(Math.Min(bytes / (double)Math.Max(1, ticks), _bytesPerTick * Growth), _bestBytesPerTick);

    /// <summary>The recheck took so long; the look behind the hints takes as long again.</summary>
    public void Rechecked(long ticks) => _recheckTicks = ticks;

    /// <summary>Letting the target go took so long.</summary>
    public void Thawed(long ticks) => _thawTicks = ticks;

    /// <summary>What touched memory takes at best, measured on a small virtual machine: 256 MiB in 13 ms (cold), 51 (will need), 326 (page out); 2 MiB in 1.3 ms (collapse).</summary>
    private static double BestBytesPerSecond(Advice advice) =>
        advice == Advice.Cold ? 20e9
        : advice == Advice.WillNeed ? 5e9
        : advice == Advice.Collapse ? 1.6e9
        : 0.8e9;
}
