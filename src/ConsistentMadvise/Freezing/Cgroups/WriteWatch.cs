using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Detects writes to a file by other processes, even those that write the value it already has (inotify(7)).</summary>
/// <remarks>
/// The kernel ignores a 1 written over a 1 in <c>cgroup.freeze</c>, and no other file shows such a write. Inotify queues are kept for later watches:
/// closing one waits milliseconds for other processors, and a user may have 128. If no queue is available, writes go undetected.
/// </remarks>
[RunsFrozen]
internal sealed class WriteWatch : IDisposable
{
    /// <summary>Room for several events of 16 bytes each; a queue merges identical events.</summary>
    private const int EventBytes = 256;

    private static readonly ConcurrentBag<SafeDescriptor> Idle = [];

    private readonly SafeDescriptor? _queue;
    private readonly int _watch;

    public WriteWatch(SafeDescriptor file)
    {
        if (!Idle.TryTake(out SafeDescriptor? queue) && !Kernel.InotifyInit(out queue).Ok)
        {
            queue.Dispose();
            return;
        }

        if (Kernel.InotifyAddWrites(queue, file, out _watch).Ok)
        {
            _queue = queue;
        }
        else
        {
            Idle.Add(queue);
        }
    }

    /// <summary>Returns whether there was a write since the last call, and discards the events.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Take()
    {
        Span<byte> events = stackalloc byte[EventBytes];
        bool isWritten = false;
        while (_queue is not null && Kernel.Read(_queue, events, out int count).Ok && count > 0)
        {
            isWritten = true;
        }

        return isWritten;
    }

    public void Dispose()
    {
        if (_queue is not null)
        {
            Kernel.InotifyRemove(_queue, _watch);
            Take();
            Idle.Add(_queue);
        }
    }
}
