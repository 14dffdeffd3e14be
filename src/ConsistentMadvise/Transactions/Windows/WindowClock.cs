using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Measures the steps of each window and the target's pauses, in ticks of the monotonic clock.</summary>
[RunsFrozen]
internal sealed class WindowClock(TimeSpan maxPause)
{
    private readonly long _maxPause = MonotonicTicks.From(maxPause);
    private long _begin;
    private long _last;
    private long _precheck;
    private long _freeze;
    private long _recheck;
    private long _advise;
    private long _thaw;
    private TimeSpan _collected = GC.GetTotalPauseDuration();
    private TimeSpan _collections;

    /// <summary>When the window began.</summary>
    public long Began => _begin;

    public int Windows { get; private set; }

    /// <summary>How many pauses were longer than requested.</summary>
    public int Overruns { get; private set; }

    public long LongestPause { get; private set; }

    public long TotalPause { get; private set; }

    /// <summary>The pause of the last window, or of the last failed freeze; inside a window, up to the end of its last step.</summary>
    public long LastPause => _last - _begin;

    public HintTimings Timings => new(MonotonicTicks.ToTime(_precheck), MonotonicTicks.ToTime(_freeze), MonotonicTicks.ToTime(_recheck), MonotonicTicks.ToTime(_advise), MonotonicTicks.ToTime(_thaw)) { Collections = _collections };

    public void Prechecked(long ticks) => _precheck += ticks;

    public long Begin()
    {
        _collected = GC.GetTotalPauseDuration();
        return _last = _begin = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends the freeze, and returns how long it took.</summary>
    public long Frozen()
    {
        long freeze = Lap();
        _freeze += freeze;
        return freeze;
    }

    /// <summary>Ends the recheck, and returns how long it took.</summary>
    public long Rechecked()
    {
        long recheck = Lap();
        _recheck += recheck;
        return recheck;
    }

    public void Advised(long ticks) => _advise += ticks;

    public void Thawing() => Lap();

    /// <summary>Ends the thaw, and returns how long it took.</summary>
    public long Thawed()
    {
        long thaw = Lap();
        _thaw += thaw;
        Windows++;
        Felt();
        return thaw;
    }

    /// <summary>Ends a failed freeze: threads that had stopped felt a pause nevertheless.</summary>
    public void Abandon() => Felt();

    private void Felt()
    {
        long pause = LastPause;
        _collections += GC.GetTotalPauseDuration() - _collected;
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
