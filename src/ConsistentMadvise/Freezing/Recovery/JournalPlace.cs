using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines which processes see a root of journals, by what the first process of the pid namespace, which lives as long as any target, finds at its path.</summary>
internal static class JournalPlace
{
    public static JournalReach ReachOf(string root)
    {
        // The parent of the root: the root itself may not exist yet.
        byte[] place = Encoding.UTF8.GetBytes($"{Path.GetDirectoryName(root)}\0");
        if (!Kernel.FilePlace(place, out ulong device, out ulong inode).Ok)
        {
            return JournalReach.Unknown;
        }

        Errno errno = IsSame(1, place, device, inode, out bool isSame);
        if (errno.Ok)
        {
            return isSame ? JournalReach.Shared : JournalReach.Private;
        }

        // If an older process sees another directory, that also proves that the root is private. If it sees the same one, that does not prove that the root is shared.
        DirectoryNumbers processes = new(room: 512);
        processes.Read("/proc\0"u8);
        foreach (int pid in processes.Numbers)
        {
            if (pid > 1 && ProcFile.ReadStat(pid, out ProcStat stat).Ok && !stat.IsKernelThread && IsSame(pid, place, device, inode, out isSame).Ok)
            {
                return isSame ? JournalReach.Unknown : JournalReach.Private;
            }
        }

        return JournalReach.Unknown;
    }

    private static Errno IsSame(int pid, ReadOnlySpan<byte> place, ulong device, ulong inode, out bool isSame)
    {
        byte[] root = Encoding.ASCII.GetBytes(FormattableString.Invariant($"/proc/{pid}/root"));
        Errno errno = Kernel.FilePlace([.. root, .. place], out ulong itsDevice, out ulong itsInode);
        isSame = errno.Ok && device == itsDevice && inode == itsInode;

        // The directory does not exist there, unless the process itself is hidden.
        return errno == Errno.ENOENT ? Kernel.FilePlace([.. root, 0], out _, out _) : errno;
    }
}
