using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The progress of one pass over all threads, in the order of the list.</summary>
[RunsFrozen]
internal struct StopPass
{
    /// <summary>The first thread in the list that has not stopped yet.</summary>
    public int At;

    /// <summary>How many threads before it will not run: stopped, or exited and not reaped.</summary>
    public int Held;

    public bool IsAnyStopped;

    /// <summary>Whether a thread was reaped since the list was read. It may have called execve(2), and now have the tid of the leader, which was passed already.</summary>
    public bool IsAnyGone;

    /// <summary>Whether all threads of a list of this length will not run, and no others are alive.</summary>
    public readonly bool IsComplete(int count, int alive) => At == count && Held == alive && !IsAnyGone;
}
