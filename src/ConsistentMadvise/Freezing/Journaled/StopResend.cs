using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>When a stop signal is sent again, because no further thread stops.</summary>
/// <remarks>
/// It can be lost. A thread that calls execve(2) takes over the tid of the leader: what was sent to that tid before, or is sent to its own tid after, does not reach it. And another
/// process's <c>SIGCONT</c> removes every stop signal that waits (signal(7)). A signal that still waits is not doubled.
/// </remarks>
[RunsFrozen]
internal struct StopResend
{
    /// <summary>Two milliseconds: threads that only wait for a processor stop by then.</summary>
    private static readonly long FirstTicks = Stopwatch.Frequency / 500;

    /// <summary>The longest wait, for a target with a thread that cannot stop: looking at all of 400 threads takes some 3 ms.</summary>
    private static readonly long LongestTicks = FirstTicks * 32;

    private long _patience;
    private long _due;
    private int _mostHeld;

    /// <summary>Whether that is now; asked once a turn, from the first sending on.</summary>
    /// <param name="held">How many threads are held.</param>
    public bool IsDue(int held)
    {
        long now = Stopwatch.GetTimestamp();
        if (held > _mostHeld || _patience == 0)
        {
            _mostHeld = held;
            _patience = _patience == 0 ? FirstTicks : _patience;
            _due = now + _patience;
        }

        if (now < _due)
        {
            return false;
        }

        _patience = Math.Min(_patience * 2, LongestTicks);
        _due = now + _patience;
        return true;
    }
}
