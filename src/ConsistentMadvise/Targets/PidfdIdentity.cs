using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The inode number of a pidfd, if it identifies the process.</summary>
internal static class PidfdIdentity
{
    // Before pidfs (Linux 6.9) every pidfd has the inode of the anonymous-inode file system, the caller's own among them.
    private static readonly ulong SelfInode = ReadSelf();

    public static ulong Read(SafeDescriptor pidfd) =>
        Kernel.FileStatus(pidfd, out ulong inode, out _).Ok && inode != SelfInode ? inode : 0;

    private static ulong ReadSelf()
    {
        Errno errno = Kernel.PidfdOpen(Environment.ProcessId, out SafeDescriptor pidfd);
        using (pidfd)
        {
            return errno.Ok && Kernel.FileStatus(pidfd, out ulong inode, out _).Ok ? inode : 0;
        }
    }
}
