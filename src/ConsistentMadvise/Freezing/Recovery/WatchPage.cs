using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Memory that an engine shares with its guard: until when each of its freezes may last, and who acts on it.</summary>
/// <remarks>
/// Words of 64 bits. Word 0: until when the guard sleeps; word 1: how many slots were ever used; word 2: how often the guard has looked. From word 8 on, for each slot: deadline, state, and the number of
/// its file in the journal. Times are <see cref="Stopwatch"/> ticks, nanoseconds of the monotonic clock, which both have alike. Mapped as long as the process
/// lives: a window may be using it.
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

    /// <summary>Maps it.</summary>
    public static Errno Map(SafeDescriptor file, out WatchPage? page)
    {
        Errno errno = Kernel.MapShared(file, Bytes, out nint address);
        page = errno.Ok ? new WatchPage(address) : null;
        return errno;
    }

    /// <summary>Until when the guard sleeps.</summary>
    public long WakesAt
    {
        get => Volatile.Read(ref _words[0]);
        set => Interlocked.Exchange(ref _words[0], value); // what is written next is seen after it
    }

    /// <summary>How often the guard has looked at the deadlines: a guard that is stopped, or whose cgroup is frozen, does not count on.</summary>
    public long Looks => Volatile.Read(ref _words[2]);

    public void CountLook() => Interlocked.Increment(ref _words[2]);

    /// <summary>Publishes until when the guard sleeps, which looks at all slots, and then at all once more.</summary>
    /// <param name="look">Looks at all slots, and returns when the next is due.</param>
    /// <remarks>
    /// An engine that arms after a look judges by what is published whether it must wake the guard. So what is published is never put off after the last look, even
    /// where that finds nothing as early any more: the guard wakes for nothing then, and looks again.
    /// </remarks>
    public long PublishSleep(Func<long> look)
    {
        WakesAt = look();
        return WakesAt = Math.Min(WakesAt, look());
    }

    /// <summary>How many slots there are to look at.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _words[1]), 0, Slots);

    /// <summary>Takes a slot for a file of the journal; null when all are in use.</summary>
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

    /// <summary>Gives a slot back. One that still is armed is the guard's.</summary>
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
