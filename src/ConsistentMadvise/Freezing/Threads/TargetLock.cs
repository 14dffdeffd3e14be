using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The right to freeze a target, held by one transaction of one engine at a time; others wait.</summary>
/// <remarks>
/// A lock (flock(2)) on a file of the target's own <c>/proc/PID</c> that only processes with the right to read its layout may open: strangers cannot hold it, and
/// the kernel releases it when the holder dies. The file is not <c>maps</c>: .NET locks each file it opens, so programs that read <c>maps</c> would fail during a
/// window. The lock covers one mount of procfs. Taking and releasing it allocates nothing.
/// </remarks>
[RunsFrozen]
internal sealed class TargetLock : IDisposable
{
    private readonly SafeDescriptor _file;

    private TargetLock(SafeDescriptor file) => _file = file;

    public static Errno Open(ProcessTarget target, out TargetLock? targetLock)
    {
        // Every engine on a machine picks the same file: kernels without CONFIG_NUMA lack the first.
        Errno errno = target.Directory.OpenFile("numa_maps\0"u8, out SafeDescriptor file);
        errno = errno == Errno.ENOENT ? target.Directory.OpenFile("smaps\0"u8, out file) : errno;
        targetLock = errno.Ok ? new TargetLock(file) : null;
        return errno;
    }

    /// <summary>Waits for the lock; false if another engine held it until the deadline.</summary>
    public bool TryTake(long deadline) => FileLock.TryTake(_file, deadline);

    public void Release() => FileLock.Release(_file);

    public void Dispose() => _file.Dispose();
}
