using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds a recorded cgroup, wherever the hierarchy is mounted now.</summary>
/// <remarks>Finds it by the inode number of its directory, which is unique within one boot. Only a cgroup v2 directory is accepted.</remarks>
internal static class FoundGroup
{
    /// <summary>Opens the group's directory; null if the group was removed. An error means that neither is known.</summary>
    public static Errno Open(JournalEntry entry, out SafeDescriptor? group)
    {
        group = null;
        Errno errno = Kernel.OpenDirectory(entry.Path.Terminated, out SafeDescriptor directory);
        if (errno.Ok && IsIt(directory, entry))
        {
            group = directory;
            return Errno.None;
        }

        directory.Dispose();
        return errno.IsShortage ? errno : Search(entry, out group);
    }

    /// <summary>Asks the kernel for the group with this inode number; if the caller may not ask that, searches the mounts.</summary>
    private static Errno Search(JournalEntry entry, out SafeDescriptor? group)
    {
        group = null;
        Errno errno = CgroupV2.ReadMounts(out IReadOnlyList<CgroupMount> mounts);
        if (!errno.Ok)
        {
            return errno;
        }

        bool isWhole = CgroupV2.ShowsAll();
        bool sawAll = false;
        foreach (CgroupMount mount in mounts)
        {
            errno = Kernel.OpenDirectory(mount.Point.Terminated, out SafeDescriptor root);
            using (root)
            {
                if (!errno.Ok || !CgroupV2.IsGroup(root))
                {
                    continue; // another mount may cover this one
                }

                errno = Kernel.OpenKernfs(root, entry.Head.CgroupInode, out SafeDescriptor directory);
                if (errno.Ok && IsIt(directory, entry))
                {
                    group = directory;
                    return Errno.None;
                }

                directory.Dispose();
                if (errno == Errno.ESTALE)
                {
                    return Errno.None; // the kernel has no such group
                }

                errno = Walk(root, entry, out group);
                if (group is not null || errno.IsShortage)
                {
                    return errno;
                }

                sawAll |= errno.Ok && isWhole && mount.Root.Bytes.SequenceEqual("/"u8);
            }
        }

        return sawAll ? Errno.None : Errno.ENOENT;
    }

    private static Errno Walk(SafeDescriptor directory, JournalEntry entry, out SafeDescriptor? group)
    {
        group = null;
        byte[] buffer = new byte[4096];
        int bytes = 0;
        Errno errno = Errno.None;
        Errno unseen = Errno.None;
        while (errno.Ok && (errno = Kernel.ReadDirectory(directory, buffer, out bytes)).Ok && bytes > 0)
        {
            DirectoryNames names = new(buffer.AsSpan(0, bytes));
            while (group is null && names.TryTake(out ReadOnlySpan<byte> name))
            {
                if (name[0] == '.' || !names.IsDirectory)
                {
                    continue;
                }

                Errno opened = Kernel.OpenEntry(directory, name, Uapi.O_RDONLY, out SafeDescriptor child);
                if (opened.Ok && IsIt(child, entry))
                {
                    group = child;
                    return Errno.None;
                }

                using (child)
                {
                    opened = opened.Ok ? Walk(child, entry, out group) : opened;
                    unseen = opened.Ok || opened == Errno.ENOENT || opened == Errno.ENODEV ? unseen : opened;
                }
            }

            if (group is not null)
            {
                return Errno.None;
            }
        }

        return errno.Ok ? unseen : errno;
    }

    private static bool IsIt(SafeDescriptor directory, JournalEntry entry) =>
        CgroupV2.IsGroup(directory) && Kernel.FileStatus(directory, out ulong inode, out _).Ok && inode == entry.Head.CgroupInode;
}
