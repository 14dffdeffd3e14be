namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel does in the target's place: workers of io_uring(7), and handlers of signals.</summary>
internal sealed partial class RaceTargetProcess
{
    /// <summary>How many operations may be posted at a time.</summary>
    public const int MostPosted = 64;

    /// <summary>Makes the target's ring, whose mappings stay until <see cref="CloseRing"/>.</summary>
    public void OpenRing() => Send("uring open");

    public void CloseRing() => Send("uring close");

    /// <summary>Has a worker of the ring advise; returns its result, 0 or a negative errno.</summary>
    public int AdviseByRing(ulong address, int pages, int advice) => (int)Number(Send($"uring {address:x} {pages} {advice}")[0]);

    /// <summary>The same so many times, one after the other; returns when it is submitted.</summary>
    public void PostToRing(ulong address, int pages, int advice, int times = 1) => Send($"uring post {address:x} {pages} {advice} {times}");

    /// <summary>Waits until all that was posted is done; returns how many that were, and the last result that was not 0.</summary>
    public (int Count, int Result) ReapRing()
    {
        string[] values = Send("uring reap");
        return ((int)Number(values[0]), (int)Number(values[1]));
    }

    /// <summary>Has a handler of SIGUSR1 map that much memory each time, apart from the other times.</summary>
    public void MapOnSignal(int pages) => Send($"onsignal map {pages}");

    /// <summary>How often the handler has mapped, and how often it was refused.</summary>
    public (int Mapped, int Refused) CountMappedOnSignal()
    {
        string[] values = Send("onsignal count");
        return ((int)Number(values[0]), (int)Number(values[1]));
    }

    /// <summary>Unmaps what the handler has mapped, and takes it away.</summary>
    public void StopMappingOnSignal() => Send("onsignal off");
}
