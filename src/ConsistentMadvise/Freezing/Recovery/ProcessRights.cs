using System.Buffers.Text;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The rights of a process: users, groups, effective capabilities (credentials(7)), and the time namespace in which it sees start times.</summary>
/// <param name="Users">Real, effective, saved and file system user, as <c>/proc/PID/status</c> shows them.</param>
/// <param name="Groups">The same for its groups.</param>
/// <param name="Effective">Its effective capabilities.</param>
/// <param name="TimeNamespace">The inode number of its time namespace; 0 if the kernel has none.</param>
internal readonly record struct ProcessRights(string Users, string Groups, ulong Effective, ulong TimeNamespace)
{
    public static Errno Read(int pid, out ProcessRights rights)
    {
        rights = default;
        Errno errno = StatusText.Find(pid, "\nUid:\t"u8, out string users);
        string groups = string.Empty, effective = string.Empty;
        errno = errno.Ok ? StatusText.Find(pid, "\nGid:\t"u8, out groups) : errno;
        errno = errno.Ok ? StatusText.Find(pid, "\nCapEff:\t"u8, out effective) : errno;
        if (!errno.Ok)
        {
            return errno;
        }

        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        errno = Kernel.Open(ProcFile.Path(path, pid, "/ns/time\0"u8), Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            ulong inode = 0;
            errno = errno.Ok ? Kernel.FileStatus(file, out inode, out _) : errno == Errno.ENOENT ? Errno.None : errno;
            bool isNumber = Utf8Parser.TryParse(Encoding.ASCII.GetBytes(effective), out ulong set, out _, 'x');
            rights = new ProcessRights(users, groups, isNumber ? set : 0, inode);
            return errno.Ok && !isNumber ? Errno.EINVAL : errno;
        }
    }

    /// <summary>Whether this process may do what the other may by its users and groups. A saved ID counts: the other process can assume it at any time.</summary>
    public bool CanActAs(ProcessRights other) => Covers(Users, other.Users) && Covers(Groups, other.Groups);

    /// <remarks>kill(2) checks the real or effective user; file access, the file system user.</remarks>
    private static bool Covers(string own, string other)
    {
        string[] mine = own.Split('\t');
        string[] its = other.Split('\t');
        return mine.Length == 4 && its.Length == 4 && mine[0] == its[0] && mine[1] == its[1] && mine[3] == its[3] && mine.AsSpan(0, 3).Contains(its[2]);
    }
}
