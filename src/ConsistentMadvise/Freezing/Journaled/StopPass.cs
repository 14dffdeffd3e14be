using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How far one look at every thread has come, in the order of the list.</summary>
[RunsFrozen]
internal struct StopPass
{
    /// <summary>The first thread of the list that has not stopped yet.</summary>
    public int At;

    /// <summary>How many before it will not run: stopped, or exited and not reaped.</summary>
    public int Held;

    public bool IsAnyStopped;

    /// <summary>Whether one was reaped since the list was read. It may have called execve(2), and now have the tid of the leader, which was passed before.</summary>
    public bool IsAnyGone;

    /// <summary>Whether every thread of a list of this length, and no fewer than are alive, will not run.</summary>
    public readonly bool IsComplete(int count, int alive) => At == count && Held == alive && !IsAnyGone;
}
