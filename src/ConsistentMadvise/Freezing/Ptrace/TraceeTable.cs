using System.Collections.Concurrent;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The threads that a tracer holds, in the order it seized them. Allocates only if it grows beyond its capacity.</summary>
[RunsFrozen]
internal sealed class TraceeTable(int capacity)
{
    private static readonly ConcurrentBag<TraceeTable> Idle = [];

    private int[] _tids = new int[capacity];
    private int[] _signals = new int[capacity];
    private bool[] _stopped = new bool[capacity];

    /// <summary>Takes an empty table with this much room, reusing one of an earlier freeze if there is one.</summary>
    public static TraceeTable Rent(int capacity) =>
        Idle.TryTake(out TraceeTable? left) && left._tids.Length >= capacity ? left : new TraceeTable(capacity);

    /// <summary>Returns the table for the next freeze. It must be returned once, and not used after that.</summary>
    public static void Return(TraceeTable table)
    {
        table.Truncate(0);
        if (Idle.Count < Environment.ProcessorCount)
        {
            Idle.Add(table);
        }
    }

    public int Count { get; private set; }

    public int this[int index] => _tids[index];

    public bool Contains(int tid) => _tids.AsSpan(0, Count).Contains(tid);

    /// <summary>How many of them have stopped.</summary>
    public int CountStopped { get; private set; }

    public int IndexOf(int tid) => _tids.AsSpan(0, Count).IndexOf(tid);

    public bool HasStopped(int index) => _stopped[index];

    /// <summary>The signal that the thread stopped for, which must still be delivered to it; 0 if it stopped for the freeze.</summary>
    public int HeldSignal(int index) => _signals[index];

    public void Add(int tid)
    {
        if (Count == _tids.Length)
        {
            Array.Resize(ref _tids, Count * 2);
            Array.Resize(ref _signals, Count * 2);
            Array.Resize(ref _stopped, Count * 2);
        }

        _tids[Count] = tid;
        _signals[Count] = 0;
        _stopped[Count++] = false;
    }

    public void Stop(int index, int heldSignal)
    {
        _signals[index] = heldSignal;
        _stopped[index] = true;
        CountStopped++;
    }

    /// <summary>Removes a thread; the last one takes its place.</summary>
    public void Remove(int index)
    {
        Count--;
        CountStopped -= _stopped[index] ? 1 : 0;
        _tids[index] = _tids[Count];
        _signals[index] = _signals[Count];
        _stopped[index] = _stopped[Count];
    }

    /// <summary>Keeps the first <paramref name="count"/> threads, none of which counts as stopped; <paramref name="count"/> is at most <see cref="Count"/>.</summary>
    public void Truncate(int count)
    {
        Count = count;
        CountStopped = 0;
        _stopped.AsSpan(0, count).Clear();
    }

    /// <summary>Moves a thread towards the front, over one that is no longer needed.</summary>
    public void Move(int from, int to) => _tids[to] = _tids[from];
}
