using System.Diagnostics;

namespace ConsistentMadvise;

/// <summary>Measures the steps of each window and what the target felt of them, in ticks of the monotonic clock.</summary>
internal sealed class WindowClock(TimeSpan maxPause)
{
    private readonly long _maxPause = ToTicks(maxPause);
    private long _begin;
    private long _last;
    private long _precheck;
    private long _freeze;
    private long _recheck;
    private long _advise;
    private long _thaw;

    public int Windows { get; private set; }

    /// <summary>How many pauses were longer than asked for.</summary>
    public int Overruns { get; private set; }

    public long LongestPause { get; private set; }

    public long TotalPause { get; private set; }

    public HintTimings Timings => new(ToTime(_precheck), ToTime(_freeze), ToTime(_recheck), ToTime(_advise), ToTime(_thaw));

    public static TimeSpan ToTime(long ticks) => Stopwatch.GetElapsedTime(0, ticks);

    /// <summary>A duration in ticks; <see cref="long.MaxValue"/> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static long ToTicks(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)(time.TotalSeconds * Stopwatch.Frequency);

    public void Prechecked(long ticks) => _precheck += ticks;

    public long Begin() => _last = _begin = Stopwatch.GetTimestamp();

    public void Frozen() => _freeze += Lap();

    /// <summary>Returns how long the recheck took.</summary>
    public long Rechecked()
    {
        long recheck = Lap();
        _recheck += recheck;
        return recheck;
    }

    public void Advised(long ticks) => _advise += ticks;

    public void Thawing() => Lap();

    /// <summary>Returns how long letting go took.</summary>
    public long Thawed()
    {
        long thaw = Lap();
        _thaw += thaw;
        Windows++;
        Felt();
        return thaw;
    }

    /// <summary>The freeze failed: threads that had stopped felt a pause all the same.</summary>
    public void Abandon() => Felt();

    private void Felt()
    {
        long pause = _last - _begin;
        TotalPause += pause;
        LongestPause = Math.Max(LongestPause, pause);
        Overruns += pause > _maxPause ? 1 : 0;
    }

    private long Lap()
    {
        long now = Stopwatch.GetTimestamp();
        long lap = now - _last;
        _last = now;
        return lap;
    }
}
