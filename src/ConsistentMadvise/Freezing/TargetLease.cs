using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The right to freeze a target, held by one transaction of one engine at a time: the others wait.</summary>
/// <remarks>
/// A lock (flock(2)) on the target's own <c>/proc/PID/maps</c>, by a descriptor of its own: opening that needs the right to read the layout, so
/// strangers cannot hold it, and the kernel lets go when the holder dies. It reaches as far as one mount of procfs. Taking and releasing
/// it allocates nothing.
/// </remarks>
internal sealed class TargetLease : IDisposable
{
    private readonly SafeDescriptor _maps;

    private TargetLease(int maps) => _maps = new SafeDescriptor(maps);

    public static Errno Open(ProcessTarget target, out TargetLease? lease)
    {
        Errno errno = target.Directory.OpenFile("maps\0"u8, out int maps);
        lease = errno.Ok ? new TargetLease(maps) : null;
        return errno;
    }

    /// <summary>Waits for the lease; false when another held it until the deadline.</summary>
    public bool TryTake(long deadline) => FileLock.TryTake(_maps, deadline);

    public void Release() => FileLock.Release(_maps);

    public void Dispose() => _maps.Dispose();
}
