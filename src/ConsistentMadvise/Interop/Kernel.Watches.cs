using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>inotify_init1(2)</c> - a queue of events with non-blocking reads.</summary>
    public static Errno InotifyInit(out SafeDescriptor queue)
    {
        int descriptor = (int)(long)LibC.syscall(SyscallNumber.inotify_init1, Uapi.IN_NONBLOCK | Uapi.IN_CLOEXEC);
        queue = SafeDescriptor.Own(descriptor);
        return Errno.From(descriptor);
    }

    /// <summary><c>inotify_add_watch(2)</c> - queues an event for each write to a descriptor's file, by any process and mount.</summary>
    public static Errno InotifyAddWrites(SafeDescriptor queue, SafeDescriptor file, out int watch)
    {
        using SafeDescriptor.Use queueUse = queue.Borrow();
        using SafeDescriptor.Use fileUse = file.Borrow();
        Span<byte> path = stackalloc byte[40];
        "/proc/self/fd/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(fileUse.Number, path[14..], out int digits);
        path[14 + digits] = 0;
        fixed (byte* name = path)
        {
            watch = (int)(long)LibC.syscall(SyscallNumber.inotify_add_watch, queueUse.Number, name, Uapi.IN_MODIFY);
        }

        return Errno.From(watch);
    }

    /// <summary><c>inotify_rm_watch(2)</c> - removes a watch; queues a last event for it.</summary>
    public static Errno InotifyRemove(SafeDescriptor queue, int watch)
    {
        using SafeDescriptor.Use use = queue.Borrow();
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.inotify_rm_watch, use.Number, watch));
    }

    /// <summary><c>readlinkat(2)</c> - the target of a symbolic link in an open directory. The name is zero-terminated.</summary>
    public static Errno ReadLink(SafeDescriptor directory, ReadOnlySpan<byte> name, Span<byte> buffer, out int count)
    {
        using SafeDescriptor.Use use = directory.Borrow();
        fixed (byte* path = name)
        fixed (byte* text = buffer)
        {
            count = (int)(long)LibC.syscall(SyscallNumber.readlinkat, use.Number, path, text, buffer.Length);
        }

        return Errno.From(count);
    }
}
