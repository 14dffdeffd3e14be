using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>The system calls, one method each: the errno is returned, data goes to <c>out</c>, nothing is decided.</summary>
internal static unsafe partial class Kernel
{
    /// <summary><c>read(2)</c> - reads up to <paramref name="buffer"/>'s length; zero bytes at the end.</summary>
    public static Errno Read(SafeDescriptor file, Span<byte> buffer, out int count)
    {
        using SafeDescriptor.Use use = file.Borrow();
        return Read(use.Number, buffer, out count);
    }

    /// <summary><c>read(2)</c> - the same for a file that the calling method opened.</summary>
    public static Errno Read(in LocalFile file, Span<byte> buffer, out int count) => Read(file.Number, buffer, out count);

    /// <summary><c>pread(2)</c> - reads at an offset without moving the descriptor's position.</summary>
    public static Errno ReadAt(SafeDescriptor file, Span<byte> buffer, long offset, out int count)
    {
        using SafeDescriptor.Use use = file.Borrow();
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.pread(use.Number, data, buffer.Length, offset);
        }

        return Errno.From(count);
    }

    /// <summary><c>write(2)</c> - writes up to the whole of <paramref name="data"/>.</summary>
    public static Errno Write(SafeDescriptor file, ReadOnlySpan<byte> data, out int count)
    {
        using SafeDescriptor.Use use = file.Borrow();
        fixed (byte* bytes = data)
        {
            count = (int)(long)LibC.write(use.Number, bytes, data.Length);
        }

        return Errno.From(count);
    }

    /// <summary><c>pwrite(2)</c> - writes at an offset without moving the descriptor's position.</summary>
    public static Errno WriteAt(SafeDescriptor file, ReadOnlySpan<byte> data, long offset, out int count)
    {
        using SafeDescriptor.Use use = file.Borrow();
        fixed (byte* bytes = data)
        {
            count = (int)(long)LibC.pwrite(use.Number, bytes, data.Length, offset);
        }

        return Errno.From(count);
    }

    /// <summary><c>lseek(2)</c> to the start - restarts the text of a seq_file.</summary>
    public static Errno Rewind(SafeDescriptor file)
    {
        using SafeDescriptor.Use use = file.Borrow();
        return Errno.From((int)(long)LibC.lseek(use.Number, 0, 0));
    }

    /// <summary><c>fstat(2)</c> - inode number and link count of a descriptor.</summary>
    public static Errno FileStatus(SafeDescriptor file, out ulong inode, out ulong links)
    {
        using SafeDescriptor.Use use = file.Borrow();
        stat status;
        int result = LibC.fstat(use.Number, &status);
        inode = result < 0 ? 0 : (ulong)status.st_ino;
        links = result < 0 ? 0 : (ulong)status.st_nlink;
        return Errno.From(result);
    }

    /// <summary><c>fstat(2)</c> - owner, type and permission bits of a file (inode(7)).</summary>
    public static Errno FileOwner(SafeDescriptor file, out uint user, out uint mode)
    {
        using SafeDescriptor.Use use = file.Borrow();
        stat status;
        int result = LibC.fstat(use.Number, &status);
        user = result < 0 ? 0 : (uint)status.st_uid;
        mode = result < 0 ? 0 : (uint)status.st_mode;
        return Errno.From(result);
    }

    /// <summary><c>flock(2)</c> - locks or unlocks the open file description; the kernel unlocks it when its last descriptor is closed.</summary>
    public static Errno Lock(SafeDescriptor file, int operation)
    {
        using SafeDescriptor.Use use = file.Borrow();
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.flock, use.Number, operation));
    }

    /// <summary><c>fstatat(2)</c> - link count of a path. The path is zero-terminated.</summary>
    public static Errno LinkCount(ReadOnlySpan<byte> path, out ulong links)
    {
        stat status;
        int result;
        fixed (byte* name = path)
        {
            result = (int)(long)LibC.syscall(SyscallNumber.newfstatat, Uapi.AT_FDCWD, name, &status, 0);
        }

        links = result < 0 ? 0 : (ulong)status.st_nlink;
        return Errno.From(result);
    }

    /// <summary><c>faccessat2(2)</c> with <c>W_OK</c> - whether the caller's effective ids may write a file or create entries in a directory (Linux 5.8).</summary>
    public static Errno IsWritable(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            return Errno.From((int)(long)LibC.syscall(SyscallNumber.faccessat2, Uapi.AT_FDCWD, name, Uapi.W_OK, Uapi.AT_EACCESS));
        }
    }

    /// <summary><c>fstat(2)</c> - the size of a file in bytes.</summary>
    public static Errno FileSize(SafeDescriptor file, out long bytes)
    {
        using SafeDescriptor.Use use = file.Borrow();
        stat status;
        int result = LibC.fstat(use.Number, &status);
        bytes = result < 0 ? 0 : (long)status.st_size;
        return Errno.From(result);
    }

    /// <summary><c>fstatfs(2)</c> - the magic number of the file system that a file is on (statfs(2)).</summary>
    public static Errno FileSystem(SafeDescriptor file, out ulong magic)
    {
        using SafeDescriptor.Use use = file.Borrow();
        ulong* status = stackalloc ulong[32]; // struct statfs takes 120 bytes; f_type is the first word
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.fstatfs, use.Number, status));
        magic = errno.Ok ? status[0] : 0;
        return errno;
    }

    /// <summary><c>getdents64(2)</c> - the next directory entries, as <c>struct linux_dirent64</c>; zero bytes at the end.</summary>
    public static Errno ReadDirectory(SafeDescriptor directory, Span<byte> buffer, out int count)
    {
        using SafeDescriptor.Use use = directory.Borrow();
        return ReadDirectory(use.Number, buffer, out count);
    }

    /// <summary><c>getdents64(2)</c> - the same for a directory that the calling method opened.</summary>
    public static Errno ReadDirectory(in LocalFile directory, Span<byte> buffer, out int count) => ReadDirectory(directory.Number, buffer, out count);

    /// <summary><c>ioctl(PROCMAP_QUERY)</c> - the VMA at or after an address (Linux 6.11, <c>linux/fs.h</c>).</summary>
    public static Errno QueryMapping(SafeDescriptor maps, ref procmap_query query)
    {
        using SafeDescriptor.Use use = maps.Borrow();
        return QueryMapping(use.Number, ref query);
    }

    /// <summary><c>ioctl(PROCMAP_QUERY)</c> - the same for a file that the calling method opened.</summary>
    public static Errno QueryMapping(in LocalFile maps, ref procmap_query query) => QueryMapping(maps.Number, ref query);

    /// <summary>Reads the start of <c>/proc/self/fdinfo</c> of a descriptor: the kernel's data on the file (proc_pid_fdinfo(5)).</summary>
    public static Errno ReadDescriptorInfo(SafeDescriptor file, Span<byte> buffer, out int count)
    {
        using SafeDescriptor.Use use = file.Borrow();
        Span<byte> path = stackalloc byte[40];
        "/proc/self/fdinfo/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(use.Number, path[18..], out int digits);
        path[18 + digits] = 0;
        count = 0;
        Errno errno = Open(path, Uapi.O_RDONLY, out LocalFile info);
        using (info)
        {
            return errno.Ok ? Read(in info, buffer, out count) : errno;
        }
    }

    /// <summary><c>close(2)</c> - for descriptor owners in Interop.</summary>
    internal static Errno Close(int descriptor) => Errno.From(LibC.close(descriptor));

    private static Errno Read(int descriptor, Span<byte> buffer, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.read(descriptor, data, buffer.Length);
        }

        return Errno.From(count);
    }

    private static Errno ReadDirectory(int descriptor, Span<byte> buffer, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)(nint)LibC.syscall(SyscallNumber.getdents64, descriptor, data, buffer.Length);
        }

        return Errno.From(count);
    }

    private static Errno QueryMapping(int maps, ref procmap_query query)
    {
        fixed (procmap_query* argument = &query)
        {
            return Errno.From(LibC.ioctl(maps, unchecked((int)Uapi.PROCMAP_QUERY), argument));
        }
    }
}
