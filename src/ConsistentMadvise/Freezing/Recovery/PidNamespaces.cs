using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds out whether a pid namespace is gone, and every process in it with it (pid_namespaces(7)).</summary>
internal static class PidNamespaces
{
    // include/linux/proc_ns.h: PROC_PID_INIT_INO
    private const string Initial = "pid:[4026531836]";

    /// <summary>Whether a namespace has certainly no process any more. An error says nothing about it.</summary>
    /// <remarks>
    /// A namespace lives as long as its first process: when that ends, the kernel kills all others. So one that is there is found by a single look at every
    /// process; the initial namespace alone shows them all.
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

            // A process that the caller may not look into still shows by how many namespaces it has a number: one of the initial namespace has one.
            if (errno == Errno.EACCES)
            {
                Errno read = ProcNamespace.HasOneNumber(pid, out bool isInInitial);
                errno = !read.Ok ? read : isInInitial ? Errno.None : errno;
            }

            // Gone meanwhile: it was not the first of a namespace that lives.
            if (!errno.Ok && errno != Errno.ENOENT && errno != Errno.ESRCH)
            {
                return errno;
            }
        }

        isGone = processes.Numbers.Contains(1); // with hidepid the listing is not of all
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
