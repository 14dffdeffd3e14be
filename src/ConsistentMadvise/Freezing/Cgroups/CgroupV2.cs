using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Where the cgroup v2 hierarchy is mounted, and which group a process is in (cgroups(7)).</summary>
internal static class CgroupV2
{
    /// <summary>Larger than any <c>/proc/PID/cgroup</c>: a path of PATH_MAX, and the lines of cgroup v1.</summary>
    private const int MaxText = 1 << 16;

    private const int MaxMounts = 1 << 26;

    // include/linux/proc_ns.h: PROC_CGROUP_INIT_INO
    private const ulong InitialNamespace = 4026531835;

    private static CgroupMount[]? s_mounts;

    /// <summary>Reads all mounts as the text of proc_pid_mountinfo(5).</summary>
    public static Errno ReadMountInfo(out byte[] text) => WholeFile.Read("/proc/self/mountinfo\0"u8, MaxMounts, out text);

    /// <summary>Reads the current mounts of the hierarchy. The list is empty if there is no such hierarchy.</summary>
    public static Errno ReadMounts(out IReadOnlyList<CgroupMount> mounts)
    {
        Errno errno = ReadMountInfo(out byte[] text);
        mounts = errno.Ok ? s_mounts = [.. CgroupMount.Parse(text)] : [];
        return errno;
    }

    /// <summary>Reads which group a process is in: the whole text, valid until the calling thread reads another file, and the path in it.</summary>
    public static Errno ReadGroup(SafeDescriptor file, out ReadOnlySpan<byte> text, out BytePath path)
    {
        Errno errno = WholeFile.ReadHere(file, MaxText, out text);
        path = errno.Ok ? PathIn(text) : default;
        return errno;
    }

    /// <summary>Determines whether the caller is in a group, or in one below it.</summary>
    public static Errno IsCallerWithin(BytePath path, out bool isWithin)
    {
        Errno errno = Kernel.Open("/proc/self/cgroup\0"u8, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            ReadOnlySpan<byte> text = [];
            errno = errno.Ok ? WholeFile.ReadHere(file, MaxText, out text) : errno;
            ReadOnlySpan<byte> own = Find(text);
            isWithin = !own.IsEmpty && IsWithin(own, path.Bytes);
            return errno;
        }
    }

    /// <summary>Reads which group the caller is in.</summary>
    public static Errno ReadOwnGroup(out BytePath path)
    {
        path = default;
        Errno errno = Kernel.Open("/proc/self/cgroup\0"u8, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            return errno.Ok ? ReadGroup(file, out _, out path) : errno;
        }
    }

    /// <summary>Finds the path in a text of <c>/proc/PID/cgroup</c>: <c>/</c> for the root of the caller's cgroup namespace, empty if there is none.</summary>
    public static BytePath PathIn(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> path = Find(text);
        return path.IsEmpty ? default : new BytePath(path);
    }

    /// <summary>Whether a group is another, or lies below it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> ancestor) =>
        ancestor.SequenceEqual("/"u8) || (path.StartsWith(ancestor) && (path.Length == ancestor.Length || path[ancestor.Length] == '/'));

    /// <summary>Opens a group's directory through the first mount that shows it. Returns <c>ENOENT</c> if none does.</summary>
    /// <remarks>A container may see only a part of the hierarchy, or several mounts of it; and one mount may cover another.</remarks>
    public static Errno Open(BytePath path, out SafeDescriptor group, out BytePath directory)
    {
        Errno errno = s_mounts is { } known ? Open(known, path, out group, out directory) : ReadAndOpen(path, out group, out directory);
        if (errno != Errno.ENOENT)
        {
            return errno;
        }

        group.Dispose();
        return ReadAndOpen(path, out group, out directory); // mounts may have changed
    }

    /// <summary>Whether a file belongs to a cgroup v2 hierarchy (statfs(2)).</summary>
    public static bool IsGroup(SafeDescriptor file) => Kernel.FileSystem(file, out ulong magic).Ok && magic == Uapi.CGROUP2_SUPER_MAGIC;

    /// <summary>Whether the root of the caller's cgroup namespace is the root of the machine's hierarchy.</summary>
    public static bool ShowsAll()
    {
        Errno errno = Kernel.Open("/proc/self/ns/cgroup\0"u8, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            return errno.Ok && Kernel.FileStatus(file, out ulong inode, out _).Ok && inode == InitialNamespace;
        }
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> text)
    {
        foreach (Range line in text.Split((byte)'\n'))
        {
            if (text[line].StartsWith("0::"u8))
            {
                return text[line][3..];
            }
        }

        return default;
    }

    private static Errno ReadAndOpen(BytePath path, out SafeDescriptor group, out BytePath directory)
    {
        Errno errno = ReadMounts(out _);
        if (errno.Ok)
        {
            return Open(s_mounts!, path, out group, out directory);
        }

        (group, directory) = (new SafeDescriptor(), default);
        return errno;
    }

    private static Errno Open(CgroupMount[] mounts, BytePath path, out SafeDescriptor group, out BytePath directory)
    {
        foreach (CgroupMount mount in mounts)
        {
            if (!mount.TryMap(path.Bytes, out directory))
            {
                continue;
            }

            Errno errno = Kernel.OpenDirectory(directory.Terminated, out group);
            if (errno.IsShortage || (errno.Ok && IsGroup(group)))
            {
                return errno;
            }

            group.Dispose();
        }

        (group, directory) = (new SafeDescriptor(), default);
        return Errno.ENOENT;
    }
}
