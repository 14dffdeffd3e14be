using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that has a worker thread of io_uring(7) advise. The worker is a thread of the target, made by the kernel.</summary>
internal static class UringCommands
{
    private static Uring? s_ring;

    /// <summary>
    /// <c>uring open</c> and <c>uring close</c> - its ring and the two mappings of that; <c>uring ADDRESS PAGES ADVICE</c> - answers the result, zero or a
    /// negative errno; <c>uring post ADDRESS PAGES ADVICE [COUNT]</c> - so many times (64 at most), one after the other, which it does not wait for;
    /// <c>uring reap</c> - waits for all of these; answers how many were done and the result of the last that failed, zero when none did.
    /// </summary>
    public static void Command(ref Arguments arguments, Reply reply)
    {
        if (arguments.Takes("open"u8))
        {
            Open(arguments, reply);
            return;
        }

        bool close = arguments.Takes("close"u8);
        bool reap = !close && arguments.Takes("reap"u8);
        if (s_ring is null)
        {
            reply.Error(LibC.EBADF, "uring"u8);
        }
        else if (close)
        {
            reply.From(s_ring.Close(), "uring"u8);
            s_ring = null;
        }
        else if (reap)
        {
            Reap(reply);
        }
        else
        {
            Advise(s_ring, arguments, reply);
        }
    }

    private static void Open(Arguments arguments, Reply reply)
    {
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (s_ring is not null)
        {
            reply.Error(LibC.EBUSY, "uring"u8);
            return;
        }

        int errno = Uring.Open(out Uring ring);
        s_ring = errno == 0 ? ring : null;
        reply.From(errno, "uring"u8);
    }

    private static void Advise(Uring ring, Arguments arguments, Reply reply)
    {
        bool post = arguments.Takes("post"u8);
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        long advice = arguments.Number();
        int count = !post || arguments.Takes([]) ? 1 : arguments.Count();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        int errno = ring.Submit(address, length, (int)advice, count);
        int result = 0;
        errno = errno != 0 || post ? errno : ring.Reap(out _, out result);
        reply.From(errno, "uring"u8);
        if (errno == 0 && !post)
        {
            reply.Number(result);
        }
    }

    private static void Reap(Reply reply)
    {
        int errno = s_ring!.Reap(out int count, out int result);
        reply.From(errno, "uring"u8);
        if (errno == 0)
        {
            reply.Number(count).Number(result);
        }
    }
}
