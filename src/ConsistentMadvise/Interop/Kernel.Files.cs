using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>The system calls, one method each: the errno is returned, data goes to <c>out</c>, nothing is decided.</summary>
internal static unsafe partial class Kernel
{
    /// <summary><c>openat(2)</c> - opens a path below a directory descriptor. The path ends in a zero byte.</summary>
    public static Errno OpenAt(int directory, ReadOnlySpan<byte> path, int flags, out int descriptor)
    {
        fixed (byte* name = path)
        {
            descriptor = LibC.openat(directory, name, flags | Uapi.O_CLOEXEC, default);
        }

        return Errno.From(descriptor);
    }

    /// <summary><c>openat(2)</c> - opens a directory that is not reached by a symbolic link in its last part. The path ends in a zero byte.</summary>
    public static Errno OpenDirectory(ReadOnlySpan<byte> path, out int descriptor) =>
        OpenAt(Uapi.AT_FDCWD, path, Uapi.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW, out descriptor);

    /// <summary><c>openat(2)</c> with <c>O_CREAT | O_EXCL</c> - makes a file that only the caller may read and write. The path ends in a zero byte.</summary>
    public static Errno CreateFile(ReadOnlySpan<byte> path, out int descriptor)
    {
        mode_t ownerReadWrite = (mode_t)0x180; // 0600
        fixed (byte* name = path)
        {
            descriptor = LibC.openat(Uapi.AT_FDCWD, name, Uapi.O_RDWR | Uapi.O_CLOEXEC | LibC.O_CREAT | LibC.O_EXCL, ownerReadWrite);
        }

        return Errno.From(descriptor);
    }

    /// <summary><c>mkdir(2)</c> - makes a directory for the caller alone. The path ends in a zero byte.</summary>
    public static Errno MakeDirectory(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            return Errno.From(LibC.mkdir(name, (mode_t)0x1C0)); // 0700
        }
    }

    /// <summary><c>close(2)</c> - closes a descriptor.</summary>
    public static Errno Close(int descriptor) => Errno.From(LibC.close(descriptor));

    /// <summary><c>read(2)</c> - reads up to <paramref name="buffer"/>'s length; zero bytes at the end.</summary>
    public static Errno Read(int descriptor, Span<byte> buffer, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.read(descriptor, data, buffer.Length);
        }

        return Errno.From(count);
    }

    /// <summary><c>pread(2)</c> - reads at an offset without moving the descriptor's position.</summary>
    public static Errno ReadAt(int descriptor, Span<byte> buffer, long offset, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.pread(descriptor, data, buffer.Length, offset);
        }

        return Errno.From(count);
    }

    /// <summary><c>write(2)</c> - writes up to the whole of <paramref name="data"/>.</summary>
    public static Errno Write(int descriptor, ReadOnlySpan<byte> data, out int count)
    {
        fixed (byte* bytes = data)
        {
            count = (int)(long)LibC.write(descriptor, bytes, data.Length);
        }

        return Errno.From(count);
    }

    /// <summary><c>pwrite(2)</c> - writes at an offset without moving the descriptor's position.</summary>
    public static Errno WriteAt(int descriptor, ReadOnlySpan<byte> data, long offset, out int count)
    {
        fixed (byte* bytes = data)
        {
            count = (int)(long)LibC.pwrite(descriptor, bytes, data.Length, offset);
        }

        return Errno.From(count);
    }

    /// <summary><c>lseek(2)</c> to the start - for a seq_file it begins the text anew.</summary>
    public static Errno Rewind(int descriptor) => Errno.From((int)(long)LibC.lseek(descriptor, 0, 0));

    /// <summary><c>fstat(2)</c> - inode number and link count of a descriptor.</summary>
    public static Errno FileStatus(int descriptor, out ulong inode, out ulong links)
    {
        stat status;
        int result = LibC.fstat(descriptor, &status);
        inode = result < 0 ? 0 : (ulong)status.st_ino;
        links = result < 0 ? 0 : (ulong)status.st_nlink;
        return Errno.From(result);
    }

    /// <summary><c>fstat(2)</c> - who owns a file, and its type and permission bits (inode(7)).</summary>
    public static Errno FileOwner(int descriptor, out uint user, out uint mode)
    {
        stat status;
        int result = LibC.fstat(descriptor, &status);
        user = result < 0 ? 0 : (uint)status.st_uid;
        mode = result < 0 ? 0 : (uint)status.st_mode;
        return Errno.From(result);
    }

    /// <summary><c>flock(2)</c> - locks or unlocks the open file description; the kernel unlocks it when its last descriptor is closed.</summary>
    public static Errno Lock(int descriptor, int operation) => Errno.From((int)(long)LibC.syscall(SyscallNumber.flock, descriptor, operation));

    /// <summary><c>fstatat(2)</c> - link count of what a path below a directory descriptor names. The path ends in a zero byte.</summary>
    public static Errno LinkCount(int directory, ReadOnlySpan<byte> path, out ulong links)
    {
        stat status;
        int result;
        fixed (byte* name = path)
        {
            result = (int)(long)LibC.syscall(SyscallNumber.newfstatat, directory, name, &status, 0);
        }

        links = result < 0 ? 0 : (ulong)status.st_nlink;
        return Errno.From(result);
    }

    /// <summary><c>faccessat2(2)</c> with <c>W_OK</c> - whether the caller, by its effective rights, could write a file or make entries in a directory (Linux 5.8).</summary>
    public static Errno IsWritable(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            return Errno.From((int)(long)LibC.syscall(SyscallNumber.faccessat2, Uapi.AT_FDCWD, name, Uapi.W_OK, Uapi.AT_EACCESS));
        }
    }

    /// <summary><c>fstat(2)</c> - the size of a file in bytes.</summary>
    public static Errno FileSize(int descriptor, out long bytes)
    {
        stat status;
        int result = LibC.fstat(descriptor, &status);
        bytes = result < 0 ? 0 : (long)status.st_size;
        return Errno.From(result);
    }

    /// <summary><c>getdents64(2)</c> - the next directory entries, as <c>struct linux_dirent64</c>; zero bytes at the end.</summary>
    public static Errno ReadDirectory(int descriptor, Span<byte> buffer, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)(nint)LibC.syscall(SyscallNumber.getdents64, descriptor, data, buffer.Length);
        }

        return Errno.From(count);
    }

    /// <summary><c>ioctl(PROCMAP_QUERY)</c> - the VMA at or behind an address (Linux 6.11, <c>linux/fs.h</c>).</summary>
    public static Errno QueryMapping(int maps, ref procmap_query query)
    {
        fixed (procmap_query* argument = &query)
        {
            return Errno.From(LibC.ioctl(maps, unchecked((int)Uapi.PROCMAP_QUERY), argument));
        }
    }
}
