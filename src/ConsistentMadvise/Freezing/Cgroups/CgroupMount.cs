namespace ConsistentMadvise;

/// <summary>A mount of the cgroup v2 hierarchy, or of a part of it (proc_pid_mountinfo(5)).</summary>
/// <param name="Root">The group at the root of the mount, as <c>/proc/PID/cgroup</c> names it; <c>/</c> for the whole of the caller's cgroup namespace.</param>
/// <param name="Point">Where it is mounted.</param>
internal readonly record struct CgroupMount(BytePath Root, BytePath Point)
{
    /// <summary>Parses the mounts from the text of <c>/proc/PID/mountinfo</c>, in its order.</summary>
    public static List<CgroupMount> Parse(ReadOnlySpan<byte> text) => Parse(text, static tail => tail.StartsWith("cgroup2 "u8));

    /// <summary>Parses the mounts of the cgroup v1 hierarchies that can freeze or throttle processes (cgroups(7)).</summary>
    public static List<CgroupMount> ParseLegacy(ReadOnlySpan<byte> text) => Parse(text, static tail => tail.StartsWith("cgroup "u8) && IsOf(tail, "cpu"u8, "freezer"u8));

    private delegate bool TailFilter(ReadOnlySpan<byte> tail);

    /// <summary>Whether the last field, the superblock options, names one of two controllers.</summary>
    private static bool IsOf(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        ReadOnlySpan<byte> options = tail[(tail.LastIndexOf((byte)' ') + 1)..];
        foreach (Range option in options.Split((byte)','))
        {
            if (options[option].SequenceEqual(one) || options[option].SequenceEqual(other))
            {
                return true;
            }
        }

        return false;
    }

    private static List<CgroupMount> Parse(ReadOnlySpan<byte> text, TailFilter isWanted)
    {
        List<CgroupMount> mounts = [];
        foreach (Range range in text.Split((byte)'\n'))
        {
            // ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG]... - TYPE SOURCE SUPEROPTIONS. A space in a name is escaped.
            ReadOnlySpan<byte> line = text[range];
            int end = line.IndexOf(" - "u8);
            if (end >= 0 && isWanted(line[(end + 3)..])
                && TakeWord(ref line) && TakeWord(ref line) && TakeWord(ref line))
            {
                int root = line.IndexOf((byte)' ');
                int point = line[(root + 1)..].IndexOf((byte)' ');
                mounts.Add(new CgroupMount(Unescape(line[..root]), Unescape(line.Slice(root + 1, point))));
            }
        }

        return mounts;
    }

    /// <summary>Maps a group from <c>/proc/PID/cgroup</c> to its directory under the mount point. False if the mount does not show the group.</summary>
    public bool TryMap(ReadOnlySpan<byte> path, out BytePath directory)
    {
        directory = default;
        ReadOnlySpan<byte> root = Root.Bytes.SequenceEqual("/"u8) ? default : Root.Bytes;
        if (!path.StartsWith(root) || (path.Length > root.Length && path[root.Length] != '/'))
        {
            return false;
        }

        // A path that begins with "/.." leads out of the caller's cgroup namespace and names no directory here.
        ReadOnlySpan<byte> rest = path[root.Length..];
        if (rest.StartsWith("/.."u8) && (rest.Length == 3 || rest[3] == '/'))
        {
            return false;
        }

        ReadOnlySpan<byte> point = Point.Bytes.SequenceEqual("/"u8) ? default : Point.Bytes;
        directory = new BytePath(point, rest.SequenceEqual("/"u8) ? default : rest);
        return true;
    }

    /// <summary>Decodes <c>\040</c> and the other escapes: space, tab, newline, backslash (<c>mangle</c> in <c>fs/proc_namespace.c</c>).</summary>
    internal static BytePath Unescape(ReadOnlySpan<byte> text)
    {
        byte[] bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscaped = text[i] == '\\' && i + 3 < text.Length && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]);
            bytes[length++] = isEscaped ? (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')) : text[i];
            i += isEscaped ? 3 : 0;
        }

        return new BytePath(bytes.AsSpan(0, length));
    }

    private static bool IsOctal(byte digit) => digit is >= (byte)'0' and <= (byte)'7';

    private static bool TakeWord(ref ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)' ');
        line = line[(end + 1)..];
        return end >= 0;
    }
}
