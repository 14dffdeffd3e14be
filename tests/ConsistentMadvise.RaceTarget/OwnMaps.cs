using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The target's own maps.</summary>
internal static class OwnMaps
{
    private static readonly byte[] Buffer = new byte[64 << 10];

    /// <summary>Counts the lines.</summary>
    public static int Count(out long lines)
    {
        lines = 0;
        if (Open(out int maps) is int refused and not 0)
        {
            return refused;
        }

        int errno;
        while ((errno = Native.Read(maps, Buffer, out int count)) == 0 && count > 0)
        {
            lines += Buffer.AsSpan(0, count).Count((byte)'\n');
        }

        _ = Native.Close(maps);
        return errno;
    }

    /// <summary>Reads the whole text, or as much of it as there is room for.</summary>
    public static int Read(Span<byte> text, out int length)
    {
        length = 0;
        if (Open(out int maps) is int refused and not 0)
        {
            return refused;
        }

        int errno;
        while ((errno = Native.Read(maps, text[length..], out int count)) == 0 && count > 0)
        {
            length += count;
        }

        _ = Native.Close(maps);
        return errno;
    }

    /// <summary>Where the thread-group leader's stack begins now.</summary>
    public static int FindStack(out ulong start)
    {
        start = 0;
        if (Open(out int maps) is int refused and not 0)
        {
            return refused;
        }

        bool found = false;
        while (!found && Native.Read(maps, Buffer, out int count) == 0 && count > 0)
        {
            // Each read answers whole lines.
            ReadOnlySpan<byte> text = Buffer.AsSpan(0, count);
            int name = text.IndexOf("[stack]\n"u8);
            found = name >= 0 && Utf8Parser.TryParse(text[(text[..name].LastIndexOf((byte)'\n') + 1)..], out start, out _, 'x');
        }

        _ = Native.Close(maps);
        return found ? 0 : LibC.ENOENT;
    }

    // By the thread: /proc/self is the thread-group leader, which has no memory once it has exited.
    private static int Open(out int maps) => Native.Open("/proc/thread-self/maps\0"u8, LibC.O_RDONLY, out maps);
}
