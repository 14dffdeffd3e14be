using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits for a file lock that another engine may hold for the length of a window (flock(2)).</summary>
[RunsFrozen]
internal static class FileLock
{
    /// <summary>Returns false if another engine held it until the deadline.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryTake(SafeDescriptor file, long deadline)
    {
        Backoff backoff = default;
        while (true)
        {
            // Only EAGAIN means that another engine holds it. A file system without locks must not keep the target from being hinted.
            Errno errno = Kernel.Lock(file, Uapi.LOCK_EX | Uapi.LOCK_NB);
            if (errno != Errno.EAGAIN)
            {
                return true;
            }

            if (!backoff.Wait(deadline))
            {
                return false;
            }
        }
    }

    /// <summary>Releases it; does nothing if it is not locked.</summary>
    public static void Release(SafeDescriptor file) => Kernel.Lock(file, Uapi.LOCK_UN);
}
