using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Memory that an engine shares with its guard: the deadline of each freeze, and which of the two acts on it.</summary>
/// <remarks>
/// Words of 64 bits. Word 0: when the guard wakes; word 1: how many slots were ever used; word 2: how often the guard has checked. From word 8 on, for each slot: deadline, state, the number of
/// its file in the journal, and when the guard last thawed it. Times are <see cref="Stopwatch"/> ticks, nanoseconds of the monotonic clock, which is the same for both. Mapped until the process
/// exits: a window may be using it.
/// </remarks>
[RunsFrozen]
internal sealed unsafe class WatchPage
{
    public const string FileName = "watch";
    public const int Bytes = 4096;

    private const int Slots = ((Bytes / sizeof(long)) - FirstSlot) / WordsPerSlot;
    private const int FirstSlot = 8;
    private const int WordsPerSlot = 4;

    private readonly long* _words;
    private readonly Stack<int> _free = new();

    private WatchPage(nint address) => _words = (long*)address;

    /// <summary>Maps the page.</summary>
    public static Errno Map(SafeDescriptor file, out WatchPage? page)
    {
        Errno errno = Kernel.MapShared(file, Bytes, out nint address);
        page = errno.Ok ? new WatchPage(address) : null;
        return errno;
    }

    /// <summary>When the guard wakes.</summary>
    public long WakesAt
    {
        get => Volatile.Read(ref _words[0]);
        set => Interlocked.Exchange(ref _words[0], value); // what is written next becomes visible after it
    }

    /// <summary>How often the guard has checked the deadlines: the count stays the same while the guard is stopped or its cgroup is frozen.</summary>
    public long Looks => Volatile.Read(ref _words[2]);

    public void CountLook() => Interlocked.Increment(ref _words[2]);

    /// <summary>Publishes when the guard will wake: checks all slots, and then all once more.</summary>
    /// <param name="look">Checks all slots, and returns when the next is due.</param>
    /// <remarks>
    /// An engine that arms after a check decides by the published time whether it must wake the guard. So the second check never postpones the published time, even
    /// if what was due earlier is gone: the guard then wakes for nothing, and checks again.
    /// </remarks>
    public long PublishSleep(Func<long> look)
    {
        WakesAt = look();
        return WakesAt = Math.Min(WakesAt, look());
    }

    /// <summary>The number of slots to check.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _words[1]), 0, Slots);

    /// <summary>Takes a slot for a file of the journal; null if all are in use.</summary>
    public WatchSlot? Take(int entry)
    {
        lock (_free)
        {
            if (!_free.TryPop(out int index))
            {
                if (Count == Slots)
                {
                    return null;
                }

                index = Count;
            }

            WatchSlot slot = At(index);
            slot.Begin(entry);
            Volatile.Write(ref _words[1], Math.Max(Count, index + 1));
            return slot;
        }
    }

    /// <summary>Returns a slot. A slot that is still armed belongs to the guard.</summary>
    public void Return(WatchSlot slot)
    {
        lock (_free)
        {
            if (slot.IsIdle)
            {
                _free.Push(slot.Index);
            }
        }
    }

    public WatchSlot At(int index) => new(_words + FirstSlot + (index * WordsPerSlot), index);
}
