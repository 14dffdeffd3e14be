using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The open files of a cgroup that is frozen for a target.</summary>
internal sealed class CgroupFiles : IDisposable
{
    private const int MaxProcesses = 1 << 24;
    private const int LinksOfLeaf = 2; // kernfs counts a directory's name, its dot, and one for each directory in it

    private CgroupFiles(BytePath path, ulong inode, byte[]? place, SafeDescriptor directory)
    {
        Path = path;
        Inode = inode;
        Place = place;
        Directory = directory;
    }

    public BytePath Path { get; }

    public ulong Inode { get; }

    /// <summary>The text of the target's <c>/proc/PID/cgroup</c> if a named group was opened; null for the target's own.</summary>
    public byte[]? Place { get; }

    public SafeDescriptor Directory { get; }

    public SafeDescriptor Freeze { get; private set; } = null!; // these four are null until they are opened

    public SafeDescriptor Events { get; private set; } = null!;

    public SafeDescriptor Processes { get; private set; } = null!;

    /// <summary>The file that engines lock to have the group to themselves (flock(2)): one group may freeze two targets.</summary>
    /// <remarks>
    /// <c>cgroup.kill</c> (Linux 5.14) has mode 0200: no other user can open it, so none can hold its lock. Nothing is written to it. Before Linux 5.14 the directory
    /// is locked, which anyone may do. The other files are not used: .NET locks each file it opens, and container managers would fail to write theirs.
    /// </remarks>
    public SafeDescriptor Lock { get; private set; } = null!;

    /// <summary>
    /// Opens the target's group, or the named one. Refuses the root, a group with children, and one that holds the caller or an ancestor of it.
    /// </summary>
    public static TransactionStop Open(ProcessTarget target, string? named, out CgroupFiles? files)
    {
        files = null;
        BytePath path = default;
        Errno errno = target.Directory.OpenFile("cgroup\0"u8, out SafeDescriptor file);
        using (file)
        {
            ReadOnlySpan<byte> text = [];
            errno = errno.Ok ? CgroupV2.ReadGroup(file, out text, out path) : errno;
            if (!errno.Ok)
            {
                return TransactionStop.Unreadable(target, errno);
            }

            byte[]? place = named is null ? null : text.ToArray();

            errno = CgroupV2.IsCallerWithin(path, out bool isCallers);
            if (!errno.Ok)
            {
                return TransactionStop.CouldNotLook(errno);
            }

            if (path.IsEmpty || path.Bytes.SequenceEqual("/"u8) || isCallers)
            {
                return TransactionStop.Refused(HintReason.CgroupNotUsable);
            }

            TransactionStop result = OpenDirectory(path, place, named, ref files);
            result = files is null ? result : files.Check(target, isNamed: named is not null);
            result = files is null || !result.IsNone ? result : files.OpenFiles();
            if (!result.IsNone)
            {
                files?.Dispose();
                files = null;
            }

            return result;
        }
    }

    public void Dispose()
    {
        Directory.Dispose();
        Freeze?.Dispose();
        Events?.Dispose();
        Processes?.Dispose();
        Lock?.Dispose();
    }

    private static TransactionStop OpenDirectory(BytePath path, byte[]? place, string? named, ref CgroupFiles? files)
    {
        Errno errno = CgroupV2.Open(path, out SafeDescriptor directory, out BytePath where);
        ulong inode = 0;
        errno = errno.Ok ? Kernel.FileStatus(directory, out inode, out _) : errno;
        bool isSame = named is null;
        if (errno.Ok && named is not null)
        {
            errno = Kernel.Open(Encoding.UTF8.GetBytes($"{named}\0"), Uapi.O_RDONLY, out SafeDescriptor other);
            using (other)
            {
                isSame = errno.Ok && CgroupV2.IsGroup(other) && Kernel.FileStatus(other, out ulong its, out _).Ok && its == inode;
            }
        }

        if (errno.Ok && isSame)
        {
            files = new CgroupFiles(where, inode, place, directory);
            return TransactionStop.None;
        }

        directory.Dispose();
        return errno.IsShortage ? TransactionStop.CouldNotLook(errno) : TransactionStop.Refused(HintReason.CgroupNotUsable, 0, errno);
    }

    /// <summary>Checks that the group has no child groups and holds no process that must never be frozen and, if it was named, that the target is in it.</summary>
    private TransactionStop Check(ProcessTarget target, bool isNamed)
    {
        Errno errno = Kernel.FileStatus(Directory, out _, out ulong links);
        ReadOnlySpan<byte> text = [];
        if (errno.Ok && links == LinksOfLeaf)
        {
            errno = Kernel.OpenAt(Directory, "cgroup.procs\0"u8, Uapi.O_RDONLY, out SafeDescriptor processes);
            Processes = processes;
            errno = errno.Ok ? WholeFile.ReadHere(processes, MaxProcesses, out text) : errno;
        }

        if (!errno.Ok)
        {
            // A threaded group has no processes of its own (EOPNOTSUPP); a removed group has no files (ENODEV).
            return TransactionStop.UnreadableGroup(target, errno);
        }

        CgroupMembers members = new(text);
        if (links != LinksOfLeaf || (isNamed && !members.Contains(target.Pid)))
        {
            return TransactionStop.Refused(HintReason.CgroupNotUsable);
        }

        foreach (int member in members)
        {
            bool isAncestor = member == 1;
            errno = isAncestor || member == 0 ? Errno.None : Ancestry.IsAncestorOfCaller(member, out isAncestor);
            if (!errno.Ok || isAncestor)
            {
                return errno.Ok ? TransactionStop.Refused(HintReason.CgroupNotUsable, member) : TransactionStop.CouldNotLook(errno);
            }
        }

        return TransactionStop.None;
    }

    private TransactionStop OpenFiles()
    {
        Errno errno = Kernel.OpenEntry(Directory, "cgroup.freeze\0"u8, Uapi.O_RDWR, out SafeDescriptor freeze);
        Freeze = freeze;
        if (errno.Ok)
        {
            errno = Kernel.OpenEntry(Directory, "cgroup.events\0"u8, Uapi.O_RDONLY, out SafeDescriptor events);
            Events = events;
        }

        if (errno.Ok)
        {
            errno = Kernel.OpenEntry(Directory, "cgroup.kill\0"u8, Uapi.O_WRONLY, out SafeDescriptor kill);
            if (!errno.Ok && !errno.IsShortage)
            {
                kill.Dispose();
                errno = Kernel.OpenAt(Directory, ".\0"u8, Uapi.O_RDONLY, out kill);
            }

            Lock = kill;
        }

        return errno.Ok ? TransactionStop.None
            : errno == Errno.ENOENT || errno == Errno.ENODEV ? TransactionStop.Refused(HintReason.CgroupNotUsable, 0, errno)
            : errno.IsDenied || errno == Errno.EROFS ? TransactionStop.Refused(HintReason.FreezeNotPermitted, 0, errno)
            : TransactionStop.CouldNotLook(errno);
    }
}
