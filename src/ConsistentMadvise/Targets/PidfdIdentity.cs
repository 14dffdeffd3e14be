using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The inode number of a pidfd, where it tells processes apart.</summary>
internal static class PidfdIdentity
{
    // Before pidfs (Linux 6.9) every pidfd has the inode of the anonymous-inode file system, the caller's own among them.
    private static readonly ulong SelfInode = ReadSelf();

    public static ulong Read(int pidfd) =>
        Kernel.FileStatus(pidfd, out ulong inode, out _).Ok && inode != SelfInode ? inode : 0;

    private static ulong ReadSelf()
    {
        if (!Kernel.PidfdOpen(Environment.ProcessId, out int pidfd).Ok)
        {
            return 0;
        }

        Kernel.FileStatus(pidfd, out ulong inode, out _);
        Kernel.Close(pidfd);
        return inode;
    }
}
