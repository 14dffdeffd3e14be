using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Sees whether another process wrote to a file, also where what it wrote is what stood there already (inotify(7)).</summary>
/// <remarks>
/// The kernel takes a 1 that is written over a 1 in <c>cgroup.freeze</c> for nothing, and shows it nowhere else. Its queues are kept for the next
/// watch: closing one waits for other processors, for milliseconds, and a user may have 128. Where none is left, nothing is seen.
/// </remarks>
[RunsFrozen]
internal sealed class WriteWatch : IDisposable
{
    /// <summary>Room for several events; each has 16 bytes, and a queue holds the same event only once.</summary>
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

    /// <summary>Whether there was a write since the last call. Forgets all there were.</summary>
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
