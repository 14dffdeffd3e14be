namespace ConsistentMadvise;

/// <summary>Decides how much one call may carry, so that a window stays within its pause. The rate is measured on this target, with this advice.</summary>
internal sealed class PauseBudget
{
    /// <summary>What the first call carries while no rate is known: some 1.3 ms of PAGEOUT, the slowest advice.</summary>
    private const ulong FirstBytes = 1024 * 1024;

    /// <summary>How many times more a call may carry than the one before: the first pages may be cheap (never touched), the next not.</summary>
    private const double Growth = 4;

    /// <summary>The part of the time left that is planned for: rates vary with what the pages are.</summary>
    private const double Share = 0.8;

    private readonly long _ticks;
    private double _bytesPerTick;
    private ulong _lastBytes;
    private long _thawTicks;
    private long _begin;

    public PauseBudget(TimeSpan maxPause) => _ticks = WindowClock.ToTicks(maxPause);

    /// <summary>A window begins: the first request to stop is about to be made.</summary>
    public void Begin(long now) => _begin = now;

    /// <summary>The bytes that the next call may carry; 0 when the window is to end. The first call of a window always may carry some.</summary>
    public ulong Next(long now, bool isFirst)
    {
        if (_ticks == long.MaxValue)
        {
            return ulong.MaxValue;
        }

        long left = _ticks - (now - _begin) - _thawTicks;
        if (_bytesPerTick == 0)
        {
            return isFirst || left > 0 ? FirstBytes : 0;
        }

        double bytes = Math.Min(Math.Max(0, left) * _bytesPerTick * Share, _lastBytes * Growth);
        ulong page = (ulong)Environment.SystemPageSize;
        return bytes >= page ? (ulong)bytes : isFirst ? page : 0;
    }

    /// <summary>A call carried so much and took so long.</summary>
    public void Advised(ulong bytes, long ticks)
    {
        _bytesPerTick = bytes / (double)Math.Max(1, ticks);
        _lastBytes = bytes;
    }

    /// <summary>Letting the target go took so long.</summary>
    public void Thawed(long ticks) => _thawTicks = ticks;
}
