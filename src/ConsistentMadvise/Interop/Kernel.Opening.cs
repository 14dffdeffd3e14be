using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>The calls that open and create files.</summary>
internal static unsafe partial class Kernel
{
    /// <summary><c>openat(2)</c> - opens a path. The path is zero-terminated.</summary>
    public static Errno Open(ReadOnlySpan<byte> path, int flags, out SafeDescriptor file)
    {
        Errno errno = OpenAt(Uapi.AT_FDCWD, path, flags, out int descriptor);
        file = SafeDescriptor.Own(descriptor);
        return errno;
    }

    /// <summary><c>openat(2)</c> - opens a path for the calling method only, without allocating. The path is zero-terminated.</summary>
    public static Errno Open(scoped ReadOnlySpan<byte> path, int flags, out LocalFile file)
    {
        Errno errno = OpenAt(Uapi.AT_FDCWD, path, flags, out int descriptor);
        file = new LocalFile(descriptor);
        return errno;
    }

    /// <summary><c>openat(2)</c> - opens a path below an open directory. The path is zero-terminated.</summary>
    public static Errno OpenAt(SafeDescriptor directory, ReadOnlySpan<byte> path, int flags, out SafeDescriptor file)
    {
        using SafeDescriptor.Use use = directory.Borrow();
        Errno errno = OpenAt(use.Number, path, flags, out int descriptor);
        file = SafeDescriptor.Own(descriptor);
        return errno;
    }

    /// <summary><c>openat(2)</c> - the same, as a .NET file handle.</summary>
    public static Errno OpenAt(SafeDescriptor directory, ReadOnlySpan<byte> path, int flags, out SafeFileHandle file)
    {
        using SafeDescriptor.Use use = directory.Borrow();
        Errno errno = OpenAt(use.Number, path, flags, out int descriptor);
        file = new SafeFileHandle(errno.Ok ? descriptor : -1, ownsHandle: true);
        return errno;
    }

    /// <summary><c>openat(2)</c> - opens a path below an open directory for the calling method only, without allocating. The path is zero-terminated.</summary>
    public static Errno OpenAt(SafeDescriptor directory, scoped ReadOnlySpan<byte> path, int flags, out LocalFile file)
    {
        using SafeDescriptor.Use use = directory.Borrow();
        Errno errno = OpenAt(use.Number, path, flags, out int descriptor);
        file = new LocalFile(descriptor);
        return errno;
    }

    /// <summary><c>openat(2)</c> - the same, below a directory that the calling method opened.</summary>
    public static Errno OpenAt(in LocalFile directory, scoped ReadOnlySpan<byte> path, int flags, out LocalFile file)
    {
        Errno errno = OpenAt(directory.Number, path, flags, out int descriptor);
        file = new LocalFile(descriptor);
        return errno;
    }

    /// <summary><c>openat(2)</c> - opens a directory; its last component must not be a symbolic link. The path is zero-terminated.</summary>
    public static Errno OpenDirectory(ReadOnlySpan<byte> path, out SafeDescriptor directory) =>
        Open(path, Uapi.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW, out directory);

    /// <summary><c>openat(2)</c> - the same for the calling method only, without allocating.</summary>
    public static Errno OpenDirectory(scoped ReadOnlySpan<byte> path, out LocalFile directory) =>
        Open(path, Uapi.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW, out directory);

    /// <summary><c>openat(2)</c> with <c>O_CREAT | O_EXCL</c> - creates a file that only the caller may read and write. The path is zero-terminated.</summary>
    public static Errno CreateFile(ReadOnlySpan<byte> path, out SafeDescriptor file)
    {
        int descriptor;
        mode_t ownerReadWrite = (mode_t)0x180; // 0600
        fixed (byte* name = path)
        {
            descriptor = LibC.openat(Uapi.AT_FDCWD, name, Uapi.O_RDWR | Uapi.O_CLOEXEC | LibC.O_CREAT | LibC.O_EXCL, ownerReadWrite);
        }

        file = SafeDescriptor.Own(descriptor);
        return Errno.From(descriptor);
    }

    /// <summary><c>mkdir(2)</c> - creates a directory for the caller only. The path is zero-terminated.</summary>
    public static Errno MakeDirectory(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            return Errno.From(LibC.mkdir(name, (mode_t)0x1C0)); // 0700
        }
    }

    private static Errno OpenAt(int directory, scoped ReadOnlySpan<byte> path, int flags, out int descriptor)
    {
        fixed (byte* name = path)
        {
            descriptor = LibC.openat(directory, name, flags | Uapi.O_CLOEXEC, default);
        }

        return Errno.From(descriptor);
    }
}
