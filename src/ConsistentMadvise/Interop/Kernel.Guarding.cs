using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>The calls that a process and its guard communicate with.</summary>
internal static unsafe partial class Kernel
{
    /// <summary>Takes ownership of the caller's standard input.</summary>
    public static SafeDescriptor StandardInput() => SafeDescriptor.Own(0);

    /// <summary><c>pipe2(2)</c>, then <c>fcntl(F_DUPFD_CLOEXEC)</c> - a pipe whose descriptors are above the standard streams. Its writer never blocks.</summary>
    public static Errno Pipe(out SafeDescriptor read, out SafeDescriptor write)
    {
        int* ends = stackalloc int[2] { -1, -1 };
        Errno errno = Errno.From(LibC.pipe2(ends, Uapi.O_CLOEXEC));
        using SafeDescriptor first = SafeDescriptor.Own(ends[0]);
        using SafeDescriptor second = SafeDescriptor.Own(ends[1]);
        read = new SafeDescriptor();
        write = new SafeDescriptor();
        errno = errno.Ok ? DuplicateAbove(first, out read) : errno;
        errno = errno.Ok ? DuplicateAbove(second, out write) : errno;
        return errno.Ok ? SetNonBlocking(write) : errno;
    }

    /// <summary><c>mmap(2)</c> with <c>MAP_SHARED</c> - maps the start of a file, readable and writable.</summary>
    public static Errno MapShared(SafeDescriptor file, ulong length, out nint address)
    {
        using SafeDescriptor.Use use = file.Borrow();
        void* mapped = LibC.mmap(null, (size_t)length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, use.Number, 0);
        address = (nint)mapped;
        return address == -1 ? Errno.Last : Errno.None;
    }

    /// <summary><c>ppoll(2)</c> - waits until one of two descriptors is readable or hung up, or the timeout ends; below zero is no timeout.</summary>
    public static Errno WaitReadable(SafeDescriptor first, SafeDescriptor second, long nanoseconds, out bool isFirst, out bool isSecond)
    {
        using SafeDescriptor.Use one = first.Borrow();
        using SafeDescriptor.Use other = second.Borrow();
        pollfd* entries = stackalloc pollfd[2];
        entries[0] = new() { fd = one.Number, events = Uapi.POLLIN };
        entries[1] = new() { fd = other.Number, events = Uapi.POLLIN };
        (long Seconds, long Nanoseconds) time = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.ppoll, entries, 2, nanoseconds < 0 ? null : &time, 0, 0));
        isFirst = errno.Ok && entries[0].revents != 0;
        isSecond = errno.Ok && entries[1].revents != 0;
        return errno;
    }

    /// <summary><c>prctl(PR_SET_TIMERSLACK)</c> - sets how late the calling thread's timers may fire.</summary>
    public static Errno SetTimerSlack(int nanoseconds) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.prctl, Uapi.PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0));

    /// <summary><c>prlimit64(2)</c> - the soft and hard limit of the calling process.</summary>
    public static Errno ReadLimit(int resource, out ulong soft, out ulong hard)
    {
        (ulong Soft, ulong Hard) limit = default;
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.prlimit64, 0, resource, 0, &limit));
        (soft, hard) = limit;
        return errno;
    }

    /// <summary><c>prlimit64(2)</c> - sets a limit of the calling process.</summary>
    public static Errno SetLimit(int resource, ulong soft, ulong hard)
    {
        (ulong Soft, ulong Hard) limit = (soft, hard);
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.prlimit64, 0, resource, &limit, 0));
    }

    private static Errno SetNonBlocking(SafeDescriptor file)
    {
        using SafeDescriptor.Use use = file.Borrow();
        return Errno.From(LibC.fcntl(use.Number, Uapi.F_SETFL, Uapi.O_NONBLOCK));
    }

    /// <summary><c>fcntl(F_DUPFD_CLOEXEC)</c> - another descriptor of the same open file, closed by its owner.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public static Errno Duplicate(SafeHandle file, out SafeDescriptor duplicate)
    {
        bool isAdded = false;
        file.DangerousAddRef(ref isAdded);
        Errno errno = DuplicateAbove((int)file.DangerousGetHandle(), out duplicate);
        file.DangerousRelease();
        return errno;
    }

    private static Errno DuplicateAbove(SafeDescriptor file, out SafeDescriptor duplicate)
    {
        using SafeDescriptor.Use use = file.Borrow();
        return DuplicateAbove(use.Number, out duplicate);
    }

    private static Errno DuplicateAbove(int file, out SafeDescriptor duplicate)
    {
        const int FirstOther = 3; // after the standard streams
        int descriptor = LibC.fcntl(file, Uapi.F_DUPFD_CLOEXEC, FirstOther);
        duplicate = SafeDescriptor.Own(descriptor);
        return Errno.From(descriptor);
    }
}
