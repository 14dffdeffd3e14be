using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The command that moves the program break.</summary>
internal static class HeapCommands
{
    private static ulong s_top;
    private static long s_grown;

    /// <summary><c>brk PAGES</c> - grows or, negative, shrinks the heap; answers its new end.</summary>
    /// <remarks>It takes back only what it added, and only while that is still the top: what is below belongs to libc's allocator.</remarks>
    public static void Break(ref Arguments arguments, Reply reply)
    {
        long bytes = arguments.Number() * Native.PageSize;
        if (!arguments.Accepted(reply))
        {
            return;
        }

        if (Native.MoveBreak(0, out ulong top) is int unknown and not 0)
        {
            reply.Error(unknown, "sbrk"u8);
        }
        else if (bytes < 0 && (s_grown + bytes < 0 || top != s_top))
        {
            reply.Error(LibC.EINVAL, "not-ours"u8);
        }
        else if (Native.MoveBreak(bytes, out _) is int errno and not 0)
        {
            reply.Error(errno, "sbrk"u8);
        }
        else
        {
            s_grown += bytes;
            s_top = (ulong)((long)top + bytes);
            reply.Ok().Address(s_top);
        }
    }
}
