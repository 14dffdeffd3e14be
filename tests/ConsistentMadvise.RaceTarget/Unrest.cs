using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A thread that does of its own accord all that changes a layout, in an order that a seed replays.</summary>
/// <remarks>The order is the same in every run; what a freeze or another thread does meanwhile changes only when, never what comes next.</remarks>
internal sealed class Unrest
{
    private static Unrest? s_running;

    private readonly UnrestOrder _order;
    private readonly UnrestArena _arena;
    private readonly UnrestProcesses _processes;
    private readonly WorkerThread _thread;
    private readonly long _pauseNanoseconds;
    private readonly long _limit;
    private UnrestKind _kind;
    private long _operations;
    private int _errno;
    private bool _stop;

    private Unrest(ulong start, ulong seed, long operationsPerSecond, long limit)
    {
        _order = new UnrestOrder(seed);
        _arena = new UnrestArena(start, _order);
        _processes = new UnrestProcesses(_arena, _order);
        _pauseNanoseconds = operationsPerSecond == 0 ? 0 : 1_000_000_000 / operationsPerSecond;
        _limit = limit;
        _thread = new WorkerThread(Run);
    }

    /// <summary>
    /// <c>unrest OPERATIONSPERSECOND SEED [COUNT]</c> (0: as fast as it can) - answers where its arena is and how many pages that has, with a count once
    /// it has done that many, after which it rests; <c>unrest stop</c> - puts everything back, and answers how many operations it did and a hash of their order.
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

        if (s_running is not null || operationsPerSecond is < 0 or > 1_000_000_000)
        {
            reply.Error(s_running is null ? LibC.EINVAL : LibC.EBUSY, "unrest"u8);
            return;
        }

        ulong start = Slots.Take(UnrestArena.Bytes);
        s_running = new Unrest(start, (ulong)seed, operationsPerSecond, limit);
        s_running._thread.Start();
        if (limit != long.MaxValue)
        {
            s_running.AwaitLimit();
        }

        reply.Ok().Address(start).Number((long)(UnrestArena.Bytes / Native.PageSize));
    }

    private static void Stop(Reply reply)
    {
        if (s_running is not Unrest unrest)
        {
            reply.Error(LibC.EINVAL, "unrest"u8);
            return;
        }

        Volatile.Write(ref unrest._stop, true);
        unrest._thread.Join();
        s_running = null;
        if (unrest._errno != 0)
        {
            reply.Error(unrest._errno, "unrest"u8);
            reply.Number((long)unrest._kind).Number(unrest._operations);
            return;
        }

        reply.Ok().Number(unrest._operations).Address(unrest._order.Hash);
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
        int errno = _processes.Begin();
        while (!Volatile.Read(ref _stop) && errno == 0)
        {
            if (_operations == _limit)
            {
                Native.Sleep(100_000);
                continue;
            }

            _kind = _order.Next();
            errno = Do(_kind);
            Volatile.Write(ref _operations, _operations + 1);
            if (_pauseNanoseconds != 0)
            {
                Native.Sleep(_pauseNanoseconds);
            }
        }

        int left = _processes.End();
        left = left != 0 ? left : _arena.Leave();
        Volatile.Write(ref _errno, errno != 0 ? errno : left);
    }

    private int Do(UnrestKind kind) => kind switch
    {
        UnrestKind.Map => _arena.Map(),
        UnrestKind.Unmap => _arena.Unmap(),
        UnrestKind.Protect => _arena.Protect(),
        UnrestKind.Grow => _arena.Grow(),
        UnrestKind.Move => _arena.Move(dontUnmap: false),
        UnrestKind.DontUnmap => _arena.Move(dontUnmap: true),
        UnrestKind.ReplaceSame => _arena.Replace(same: true),
        UnrestKind.ReplaceOther => _arena.Replace(same: false),
        UnrestKind.Break => _processes.Break(),
        UnrestKind.StackGrowth => _arena.GrowStack(),
        UnrestKind.Advise => _arena.Advise(out ulong address, out ulong length, out int advice) is int errno and not 0 ? errno : Native.Advise(address, length, advice),
        UnrestKind.Lock => _arena.Lock(locks: true),
        UnrestKind.Unlock => _arena.Lock(locks: false),
        UnrestKind.Memfd => _arena.MapMemfd(),
        UnrestKind.Thread => UnrestProcesses.Thread(),
        UnrestKind.Fork => _processes.Fork(),
        UnrestKind.Sharer => _processes.Share(),
        UnrestKind.Rename => _processes.Rename(),
        UnrestKind.Signal => _processes.Signal(),
        _ => _processes.AdviseByRing(),
    };
}
