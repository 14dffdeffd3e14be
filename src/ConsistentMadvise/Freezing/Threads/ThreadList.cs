using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lists a target's threads from its <c>/proc/PID/task</c> directory, and reads their state, without allocating.</summary>
[RunsFrozen]
internal sealed class ThreadList : IDisposable
{
    private const int LeastRoom = 64;

    private static readonly ConcurrentBag<DirectoryNumbers> Idle = [];

    private readonly SafeDescriptor _task;
    private readonly int _room;
    private DirectoryNumbers? _tids;

    private ThreadList(SafeDescriptor task)
    {
        _task = task;
        CountAlive(out int alive);
        _room = Math.Max(LeastRoom, alive * 2);
        _tids = Idle.TryTake(out DirectoryNumbers? left) && left.Capacity >= _room ? left : new DirectoryNumbers(_room);
    }

    public int Count => Tids.Length;

    public ReadOnlySpan<int> Tids => _tids!.Numbers;

    /// <summary>How many threads fit before a list must grow: twice the number alive when it was opened.</summary>
    public int Capacity => _room; // not the list's own capacity: the list may be reused from a target with more threads

    public static Errno Open(ProcessTarget target, out ThreadList? threads)
    {
        Errno errno = target.Directory.OpenFile("task\0"u8, out SafeDescriptor task);
        threads = errno.Ok ? new ThreadList(task) : null;
        return errno;
    }

    /// <summary>Whether an error means that a thread was reaped. Its files are opened relative to a directory that is already open, so nothing else hides them.</summary>
    public static bool IsGone(Errno errno) => errno == Errno.ENOENT || errno == Errno.ESRCH;

    /// <summary>Counts the threads that are not reaped yet; 0 if the process is gone. Takes one system call: the kernel reports their number as the link count.</summary>
    public Errno CountAlive(out int alive)
    {
        Errno errno = Kernel.FileStatus(_task, out _, out ulong links);
        alive = errno.Ok && links > 2 ? (int)links - 2 : 0;
        return errno;
    }

    /// <summary>Reads the state of a thread.</summary>
    /// <remarks>Reads <c>status</c>, which needs one open instead of the two for <c>stat</c> and the tracer: opening costs as much as reading.</remarks>
    /// <returns><c>ENOENT</c> or <c>ESRCH</c> if the thread was reaped.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno LookAt(int tid, out ThreadLook look)
    {
        Span<byte> text = stackalloc byte[ThreadLook.TextBytes];
        look = default;
        Errno errno = Open(tid, "/status\0"u8, out LocalFile file);
        using (file)
        {
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            return errno.Ok ? ThreadLook.Parse(text[..count], out look) : errno;
        }
    }

    /// <summary>Reads the system call that a thread sleeps in; requires the right to trace it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno ReadCall(int tid, out BlockedCall call)
    {
        Span<byte> text = stackalloc byte[256];
        Errno errno = Open(tid, "/syscall\0"u8, out LocalFile file);
        using (file)
        {
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            call = BlockedCall.Parse(errno.Ok ? text[..count] : []); // ESRCH: it has exited since
            return errno;
        }
    }

    /// <summary>Opens a file of a thread. The name begins with a slash and ends in a zero byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Open(int tid, scoped ReadOnlySpan<byte> name, out LocalFile file)
    {
        Span<byte> path = stackalloc byte[32];
        Utf8Formatter.TryFormat(tid, path, out int digits);
        name.CopyTo(path[digits..]);
        return Kernel.OpenAt(_task, path, Uapi.O_RDONLY, out file);
    }

    /// <summary>Reads the list again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Scan() => _tids!.Reread(_task);

    /// <summary>Finds a thread of the list that a tracer can continue; 0 if there is none. A reaped thread does not count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno FindTraced(out int tracer)
    {
        tracer = 0;
        foreach (int tid in Tids)
        {
            Errno errno = LookAt(tid, out ThreadLook look);
            if (!errno.Ok && !IsGone(errno))
            {
                return errno;
            }

            if (look.Tracer != 0)
            {
                tracer = look.Tracer;
                return Errno.None;
            }
        }

        return Errno.None;
    }

    /// <summary>Returns the buffer of tids for the next list.</summary>
    public void Dispose()
    {
        _task.Dispose();
        DirectoryNumbers? tids = Interlocked.Exchange(ref _tids, null);
        if (tids is not null && Idle.Count < Environment.ProcessorCount)
        {
            Idle.Add(tids);
        }
    }
}
