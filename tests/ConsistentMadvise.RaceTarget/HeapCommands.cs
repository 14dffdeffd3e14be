using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that moves the program break.</summary>
internal static class HeapCommands
{
    private static ulong s_top;
    private static long s_grown;

    private static readonly Lock Gate = new();

    /// <summary><c>brk PAGES</c> - grows or, negative, shrinks the heap; answers its new end.</summary>
    public static void Break(ref Arguments arguments, Reply reply)
    {
        long bytes = arguments.Number() * Native.PageSize;
        if (arguments.Accepted(reply))
        {
            int errno = Move(bytes, out ulong top);
            reply.From(errno, top, "sbrk"u8);
        }
    }

    /// <summary>Moves the end of the heap.</summary>
    /// <remarks><c>EINVAL</c>: it takes back only what it added, and only while that is still the top; what is below belongs to libc's allocator.</remarks>
    public static int Move(long bytes, out ulong top)
    {
        lock (Gate)
        {
            int errno = Native.MoveBreak(0, out top);
            errno = errno != 0 ? errno : bytes < 0 && (s_grown + bytes < 0 || top != s_top) ? LibC.EINVAL : Native.MoveBreak(bytes, out _);
            if (errno == 0)
            {
                s_grown += bytes;
                top = s_top = (ulong)((long)top + bytes);
            }

            return errno;
        }
    }
}
