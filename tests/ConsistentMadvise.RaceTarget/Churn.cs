using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A thread that maps, unmaps and protects in an arena of its own, in an order that a seed replays.</summary>
/// <remarks>It checks itself: each page carries a tag from the moment it is mapped, and a change of the contents is detected.</remarks>
internal sealed class Churn
{
    private const int ArenaPages = 256;
    private const int LongestRun = 8;
    private const int MostThreads = 8;

    private static readonly List<Churn> Running = new(MostThreads);

    private readonly ulong[] _tags = new ulong[ArenaPages];   // zero: not mapped
    private readonly long _pauseNanoseconds;
    private readonly ulong _arena;
    private readonly long _limit;
    private readonly WorkerThread _thread;
    private SeededNumbers _numbers;
    private long _operations;
    private long _damaged;
    private int _errno;
    private bool _stop;

    private Churn(ulong arena, long operationsPerSecond, ulong seed, long limit)
    {
        _arena = arena;
        _limit = limit;
        _pauseNanoseconds = operationsPerSecond == 0 ? 0 : 1_000_000_000 / operationsPerSecond;
        _numbers = new SeededNumbers(seed);
        _thread = new WorkerThread(Run);
    }

    /// <summary>
    /// <c>churn OPERATIONSPERSECOND SEED [COUNT]</c> (0: as fast as it can) - answers where the arena is and its pages, with a count once it
    /// has done that many, after which it rests;
    /// up to eight may run at a time, each in an arena of its own;
    /// <c>churn stop</c> - stops all, and answers how many operations they did and how many pages were found damaged.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("stop"u8))
        {
            Stop(reply);
            return;
        }

        long operationsPerSecond = arguments.Number();
        long seed = arguments.Number();
        long limit = arguments.Takes([]) ? long.MaxValue : arguments.Count();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (Running.Count == MostThreads || operationsPerSecond is < 0 or > 1_000_000_000)
        {
            reply.Error(Running.Count < MostThreads ? LibC.EINVAL : LibC.EBUSY, "churn"u8);
            return;
        }

        ulong arena = Slots.Take(ArenaPages * Native.PageSize);
        Churn churn = new(arena, operationsPerSecond, (ulong)seed, limit);
        Running.Add(churn);
        churn._thread.Start();
        if (limit != long.MaxValue)
        {
            churn.AwaitLimit();
        }

        reply.Ok().Address(arena).Number(ArenaPages);
    }

    private static void Stop(Reply reply)
    {
        if (Running.Count == 0)
        {
            reply.Error(LibC.EINVAL, "churn"u8);
            return;
        }

        long operations = 0, damaged = 0;
        int errno = 0;
        foreach (Churn churn in Running)
        {
            Volatile.Write(ref churn._stop, true);
            churn._thread.Join();
            operations += churn._operations;
            damaged += churn._damaged;
            errno = errno == 0 ? churn._errno : errno;
        }

        Running.Clear();
        if (errno != 0)
        {
            reply.Error(errno, "churn"u8);
            return;
        }

        reply.Ok().Number(operations).Number(damaged);
    }

    private void AwaitLimit()
    {
        while (Volatile.Read(ref _operations) < _limit && Volatile.Read(ref _errno) == 0)
        {
            Native.Sleep(20_000);
        }
    }

    private void Run()
    {
        while (!Volatile.Read(ref _stop) && _errno == 0)
        {
            if (_operations == _limit)
            {
                Native.Sleep(100_000);
                continue;
            }

            _errno = Step();
            Volatile.Write(ref _operations, _operations + 1);
            if (_pauseNanoseconds != 0)
            {
                Native.Sleep(_pauseNanoseconds);
            }
        }

        Inspect(0, ArenaPages);
        int left = Native.Unmap(_arena, ArenaPages * Native.PageSize);
        _errno = _errno != 0 ? _errno : left;
    }

    private int Step()
    {
        int first = (int)(_numbers.Next() % ArenaPages);
        int count = Math.Min(1 + (int)(_numbers.Next() % LongestRun), ArenaPages - first);
        ulong address = PageAddress(first);
        ulong length = (ulong)count * Native.PageSize;
        Inspect(first, count);
        switch (_numbers.Next() % 4)
        {
            case 0:
                Array.Clear(_tags, first, count);
                return Native.Unmap(address, length);
            case 1 when !_tags.AsSpan(first, count).Contains(0UL):
                return Native.Protect(address, length, LibC.PROT_READ | (_numbers.Next() % 2 == 0 ? LibC.PROT_WRITE : 0));
            default:
                return MapTagged(first, count, address, length);
        }
    }

    private unsafe int MapTagged(int first, int count, ulong address, ulong length)
    {
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED;
        if (Native.Map(address, length, LibC.PROT_READ | LibC.PROT_WRITE, flags, -1, out _) is int errno and not 0)
        {
            return errno;
        }

        for (int page = first; page < first + count; page++)
        {
            _tags[page] = _numbers.Next();
            Volatile.Write(ref *(ulong*)PageAddress(page), _tags[page]);
        }

        return 0;
    }

    private unsafe void Inspect(int first, int count)
    {
        for (int page = first; page < first + count; page++)
        {
            if (_tags[page] != 0 && Volatile.Read(ref *(ulong*)PageAddress(page)) != _tags[page])
            {
                _damaged++;
            }
        }
    }

    private ulong PageAddress(int page) => _arena + ((ulong)page * Native.PageSize);
}
