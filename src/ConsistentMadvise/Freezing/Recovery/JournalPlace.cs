using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds out who sees a root of journals: the first process of the pid namespace, which lives as long as any target, is asked what stands at its path.</summary>
internal static class JournalPlace
{
    public static JournalReach ReachOf(string root)
    {
        // The place of the root, which may not have been made yet.
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

        // Another that is older than the caller shows as well that there is another place; that there is none, it does not.
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

        // No such place there; unless the process itself is hidden.
        return errno == Errno.ENOENT ? Kernel.FilePlace([.. root, 0], out _, out _) : errno;
    }
}
