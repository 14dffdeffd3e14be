using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The system calls of the target. Each returns its errno, zero for success, and puts data in <c>out</c>.</summary>
internal static unsafe class Native
{
    public const int PageSize = 4096;
    public const int MREMAP_DONTUNMAP = 4;   // linux/mman.h

    /// <summary><c>mmap(2)</c></summary>
    public static int Map(ulong address, ulong length, int protection, int flags, int descriptor, out ulong mapped, long offset = 0)
    {
        void* result = LibC.mmap((void*)address, (size_t)length, protection, flags, descriptor, offset);
        mapped = (ulong)result;
        return result == LibC.MAP_FAILED ? LibC.errno : 0;
    }

    /// <summary><c>munmap(2)</c></summary>
    public static int Unmap(ulong address, ulong length) => From(LibC.munmap((void*)address, (size_t)length));

    /// <summary><c>mprotect(2)</c></summary>
    public static int Protect(ulong address, ulong length, int protection) => From(LibC.mprotect((void*)address, (size_t)length, protection));

    /// <summary><c>mremap(2)</c></summary>
    public static int Remap(ulong address, ulong oldLength, ulong newLength, int flags, ulong wanted, out ulong mapped)
    {
        void* result = LibC.mremap((void*)address, (size_t)oldLength, (size_t)newLength, flags, (void*)wanted);
        mapped = (ulong)result;
        return result == LibC.MAP_FAILED ? LibC.errno : 0;
    }

    /// <summary><c>madvise(2)</c></summary>
    public static int Advise(ulong address, ulong length, int advice) => From(LibC.madvise((void*)address, (size_t)length, advice));

    /// <summary><c>mlock(2)</c></summary>
    public static int Lock(ulong address, ulong length) => From(LibC.mlock((void*)address, (size_t)length));

    /// <summary><c>munlock(2)</c></summary>
    public static int Unlock(ulong address, ulong length) => From(LibC.munlock((void*)address, (size_t)length));

    /// <summary><c>sbrk(3)</c> - through libc, whose allocator must know where the heap ends.</summary>
    public static int MoveBreak(long bytes, out ulong oldBreak)
    {
        void* result = LibC.sbrk((size_t)unchecked((ulong)bytes));
        oldBreak = (ulong)result;
        return (long)result == -1 ? LibC.errno : 0;
    }

    /// <summary><c>open(2)</c> - the path ends in a zero byte.</summary>
    public static int Open(ReadOnlySpan<byte> path, int flags, out int descriptor)
    {
        fixed (byte* name = path)
        {
            descriptor = LibC.open(name, flags | LibC.O_CLOEXEC, default);
        }

        return From(descriptor);
    }

    /// <summary><c>readlink(2)</c> - the path ends in a zero byte, the answer does not.</summary>
    public static int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, out int count)
    {
        fixed (byte* name = path, data = buffer)
        {
            count = (int)(long)LibC.readlink(name, data, buffer.Length);
        }

        return From(count);
    }

    /// <summary><c>close(2)</c></summary>
    public static int Close(int descriptor) => From(LibC.close(descriptor));

    /// <summary><c>pipe2(2)</c></summary>
    public static int Pipe(int flags, out int readEnd, out int writeEnd)
    {
        int* ends = stackalloc int[2];
        int result = LibC.pipe2(ends, flags);
        (readEnd, writeEnd) = (ends[0], ends[1]);
        return From(result);
    }

    /// <summary><c>read(2)</c></summary>
    public static int Read(int descriptor, Span<byte> buffer, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.read(descriptor, data, buffer.Length);
        }

        return From(count);
    }

    /// <summary><c>pread(2)</c></summary>
    public static int ReadAt(int descriptor, Span<byte> buffer, ulong offset, out int count)
    {
        fixed (byte* data = buffer)
        {
            count = (int)(long)LibC.pread(descriptor, data, buffer.Length, (long)offset);
        }

        return From(count);
    }

    /// <summary><c>write(2)</c></summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> data, out int count)
    {
        fixed (byte* bytes = data)
        {
            count = (int)(long)LibC.write(descriptor, bytes, data.Length);
        }

        return From(count);
    }

    /// <summary><c>clock_nanosleep(2)</c> on the monotonic clock</summary>
    public static void Sleep(long nanoseconds)
    {
        const int CLOCK_MONOTONIC = 1;
        (long Seconds, long Nanoseconds) time = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        _ = Call(SyscallNumber.ClockNanosleep, CLOCK_MONOTONIC, 0, (ulong)&time);
    }

    /// <summary>Any system call. A forked child makes all of its calls by this one, whose binding is resolved before.</summary>
    public static long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0) =>
        (ssize_t)LibC.syscall(number, (size_t)a, (size_t)b, (size_t)c, (size_t)d, (size_t)e, (size_t)f);

    /// <summary>The same, for those that answer nothing but an errno.</summary>
    public static int From(long result) => result < 0 ? LibC.errno : 0;
}
