using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary>
    /// <c>openat(2)</c> with <c>O_NOFOLLOW | O_NONBLOCK | O_NOCTTY</c> - opens an untrusted entry of an open directory: a link is <c>ELOOP</c>, a pipe
    /// does not block. The name is zero-terminated.
    /// </summary>
    public static Errno OpenEntry(SafeDescriptor directory, ReadOnlySpan<byte> name, int flags, out SafeDescriptor entry) =>
        OpenAt(directory, name, flags | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_NOCTTY, out entry);

    /// <summary><c>openat(2)</c> - the same for the calling method only, without allocating.</summary>
    public static Errno OpenEntry(in LocalFile directory, ReadOnlySpan<byte> name, int flags, out LocalFile entry) =>
        OpenAt(in directory, name, flags | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_NOCTTY, out entry);

    /// <summary>
    /// <c>open_by_handle_at(2)</c> - opens the directory with this inode number in the kernfs file system (sysfs, cgroup2) of an open file, wherever it is mounted:
    /// <c>ESTALE</c> if it was removed. Needs <c>CAP_DAC_READ_SEARCH</c> in the initial user namespace. <c>FILEID_KERNFS</c>, Linux 5.5.
    /// </summary>
    public static Errno OpenKernfs(SafeDescriptor mount, ulong inode, out SafeDescriptor directory)
    {
        const uint FILEID_KERNFS = 0xFE;
        using SafeDescriptor.Use use = mount.Borrow();
        ulong* handle = stackalloc ulong[] { sizeof(ulong) | ((ulong)FILEID_KERNFS << 32), inode }; // struct file_handle: bytes, type, data
        int descriptor = (int)(long)LibC.syscall(SyscallNumber.open_by_handle_at, use.Number, handle, Uapi.O_RDONLY | Uapi.O_CLOEXEC | LibC.O_DIRECTORY);
        Errno errno = Errno.From(descriptor);
        directory = SafeDescriptor.Own(descriptor);
        return errno;
    }

    /// <summary><c>fstatat(2)</c> - device and inode number of a path. The path is zero-terminated.</summary>
    public static Errno FilePlace(ReadOnlySpan<byte> path, out ulong device, out ulong inode)
    {
        stat status;
        int result;
        fixed (byte* name = path)
        {
            result = (int)(long)LibC.syscall(SyscallNumber.newfstatat, Uapi.AT_FDCWD, name, &status, 0);
        }

        device = result < 0 ? 0 : (ulong)status.st_dev;
        inode = result < 0 ? 0 : (ulong)status.st_ino;
        return Errno.From(result);
    }

    /// <summary><c>unlink(2)</c> - removes a name of a file. The path is zero-terminated.</summary>
    public static Errno Remove(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            return Errno.From(LibC.unlink(name));
        }
    }
}
