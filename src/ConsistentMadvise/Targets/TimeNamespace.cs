using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Makes start times comparable across time namespaces (time_namespaces(7)).</summary>
/// <remarks>
/// The kernel adds the boottime offset of the reader's time namespace to the start times in <c>/proc/PID/stat</c>, so that readers may see different times for
/// one process. Without that offset every reader gets the time that eBPF reads: exact if the offset is a whole number of ticks,
/// otherwise at most one tick late.
/// </remarks>
internal static class TimeNamespace
{
    private const long TicksPerSecond = 100; // USER_HZ of every architecture that .NET runs on
    private const long NanosecondsPerTick = 1_000_000_000 / TicksPerSecond;

    private static long s_ticks;
    private static volatile bool s_isKnown;

    /// <summary>Converts a start time of <c>/proc/PID/stat</c> to the initial time namespace; unchanged if the offset cannot be read.</summary>
    public static ulong ToInitial(ulong startTime) => ReadOffset(out long ticks).Ok ? unchecked(startTime - (ulong)ticks) : startTime;

    /// <summary>Reads the offset of the caller's time namespace in ticks. A multithreaded process cannot change its time namespace, so it is read once.</summary>
    public static Errno ReadOffset(out long ticks)
    {
        ticks = s_ticks;
        if (s_isKnown)
        {
            return Errno.None;
        }

        Errno errno = Find(out ticks);
        if (errno.Ok)
        {
            s_ticks = ticks;
            s_isKnown = true;
        }

        return errno;
    }

    /// <summary>Parses the boottime offset, in ticks rounded down, from <c>/proc/PID/timens_offsets</c>; returns false if there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        foreach (Range range in text.Split((byte)'\n'))
        {
            // Linux 5.6 writes the clock id.
            ReadOnlySpan<byte> line = text[range];
            ReadOnlySpan<byte> rest = line.StartsWith("boottime "u8) ? line["boottime "u8.Length..] : line.StartsWith("7 "u8) ? line[2..] : default;
            if (TryTake(ref rest, out long seconds) && TryTake(ref rest, out long nanoseconds) && Math.Abs(seconds) < long.MaxValue / TicksPerSecond / 2)
            {
                ticks = (seconds * TicksPerSecond) + (long)Math.Floor((double)nanoseconds / NanosecondsPerTick);
                return true;
            }
        }

        return false;
    }

    private static Errno Find(out long ticks)
    {
        ticks = 0;
        Errno errno = Kernel.Open("/proc/self/timens_offsets\0"u8, Uapi.O_RDONLY, out LocalFile file);
        using (file)
        {
            if (errno == Errno.ENOENT)
            {
                // The kernel has no time namespaces, or there is no procfs at all.
                errno = Kernel.Open("/proc/self/stat\0"u8, Uapi.O_RDONLY, out LocalFile own);
                own.Dispose();
                return errno;
            }

            Span<byte> text = stackalloc byte[512];
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            if (!errno.Ok || !TryParse(text[..count], out ticks))
            {
                return errno.Ok ? Errno.EINVAL : errno;
            }
        }

        // The file shows the namespace that children will be in. A process that unshared it is itself still in the old one.
        errno = NamespaceOf("/proc/self/ns/time\0"u8, out ulong mine);
        ulong children = 0;
        errno = errno.Ok ? NamespaceOf("/proc/self/ns/time_for_children\0"u8, out children) : errno;
        return !errno.Ok || mine == children ? errno : Errno.EINVAL;
    }

    private static Errno NamespaceOf(ReadOnlySpan<byte> path, out ulong inode)
    {
        inode = 0;
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            return errno.Ok ? Kernel.FileStatus(file, out inode, out _) : errno;
        }
    }

    private static bool TryTake(ref ReadOnlySpan<byte> text, out long number)
    {
        text = text.TrimStart((byte)' ');
        bool isNumber = Utf8Parser.TryParse(text, out number, out int length);
        text = text[length..];
        return isNumber;
    }
}
