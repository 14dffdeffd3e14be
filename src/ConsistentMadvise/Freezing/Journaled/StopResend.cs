using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Decides when to send a stop signal again because no further thread stops.</summary>
/// <remarks>
/// A stop signal can be lost. A thread that calls execve(2) takes over the tid of the leader: a signal sent to that tid before, or to its own tid after, does not reach it. And another
/// process's <c>SIGCONT</c> discards every pending stop signal (signal(7)). Sending a signal that is still pending has no effect.
/// </remarks>
[RunsFrozen]
internal struct StopResend
{
    /// <summary>Two milliseconds: threads that only wait for a processor stop within that time.</summary>
    private static readonly long FirstTicks = Stopwatch.Frequency / 500;

    /// <summary>The longest wait, for a target with a thread that cannot stop: checking all of 400 threads takes some 3 ms.</summary>
    private static readonly long LongestTicks = FirstTicks * 32;

    private long _patience;
    private long _due;
    private int _mostHeld;

    /// <summary>Whether to send it now; called once per turn, starting with the first send.</summary>
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
