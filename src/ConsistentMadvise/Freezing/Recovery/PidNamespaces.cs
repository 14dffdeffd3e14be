using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines whether a pid namespace is gone, and with it every process in it (pid_namespaces(7)).</summary>
internal static class PidNamespaces
{
    // include/linux/proc_ns.h: PROC_PID_INIT_INO
    private const string Initial = "pid:[4026531836]";

    /// <summary>Whether a namespace certainly has no process any more. An error means that this is unknown.</summary>
    /// <remarks>
    /// A namespace lives as long as its first process: when that exits, the kernel kills all others. So a live namespace shows in a single pass over all
    /// processes; only the initial namespace shows them all.
    /// </remarks>
    public static Errno IsGone(string name, out bool isGone)
    {
        isGone = false;
        if (JournalOwner.Current.PidNamespace != Initial || !name.StartsWith("pid:[", StringComparison.Ordinal)
            || !ulong.TryParse(name.AsSpan(5).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong wanted))
        {
            return Errno.None;
        }

        Errno errno = ProcNamespace.IsOwn(out bool isOwn);
        DirectoryNumbers processes = new(room: 512);
        errno = errno.Ok && isOwn ? processes.Read("/proc\0"u8) : errno;
        if (!errno.Ok || !isOwn)
        {
            return errno;
        }

        foreach (int pid in processes.Numbers)
        {
            errno = Read(pid, out ulong inode);
            if (errno.Ok && inode == wanted)
            {
                return Errno.None;
            }

            // A process that the caller may not inspect still shows in how many namespaces it has a pid: a process of the initial namespace has one.
            if (errno == Errno.EACCES)
            {
                Errno read = ProcNamespace.HasOneNumber(pid, out bool isInInitial);
                errno = !read.Ok ? read : isInInitial ? Errno.None : errno;
            }

            // Gone since: it was not the first process of a live namespace.
            if (!errno.Ok && errno != Errno.ENOENT && errno != Errno.ESRCH)
            {
                return errno;
            }
        }

        isGone = processes.Numbers.Contains(1); // with hidepid the listing is incomplete
        return Errno.None;
    }

    private static Errno Read(int pid, out ulong inode)
    {
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        inode = 0;
        Errno errno = Kernel.Open(ProcFile.Path(path, pid, "/ns/pid\0"u8), Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            return errno.Ok ? Kernel.FileStatus(file, out inode, out _) : errno;
        }
    }
}
