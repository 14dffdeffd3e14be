using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The kernel's <c>start_boottime</c> as field 22 of <c>/proc/PID/stat</c> shows it to this process (<c>fs/proc/array.c</c>).</summary>
internal static class StartTicks
{
    /// <summary>A tick of USER_HZ, which is 100 on x64 and arm64 (<c>asm-generic/param.h</c>).</summary>
    private const long NanosecondsPerTick = 10_000_000;

    private static readonly long Offset = ReadOffset();

    public static ulong FromBoottime(ulong nanoseconds) => ((ulong)Offset + nanoseconds) / NanosecondsPerTick;

    /// <summary>The nanoseconds by which the clock of a time namespace is ahead (time_namespaces(7)): lines of <c>name seconds nanoseconds</c>.</summary>
    internal static long ParseOffset(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["boottime", string seconds, string nanoseconds])
            {
                return long.Parse(seconds, CultureInfo.InvariantCulture) * 1_000_000_000 + long.Parse(nanoseconds, CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    private static long ReadOffset()
    {
        const string Path = "/proc/self/timens_offsets";
        return File.Exists(Path) ? ParseOffset(File.ReadAllText(Path)) : 0;
    }
}
