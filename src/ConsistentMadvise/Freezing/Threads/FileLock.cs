using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits for a lock of a file that another engine may hold for the length of a window (flock(2)).</summary>
[RunsFrozen]
internal static class FileLock
{
    /// <summary>False when another held it until the deadline.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryTake(SafeDescriptor file, long deadline)
    {
        Backoff backoff = default;
        while (true)
        {
            // Only EAGAIN says that another holds it. A file system without locks must not keep the target from being hinted.
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

    /// <summary>Unlocks it; nothing happens where it was not locked.</summary>
    public static void Release(SafeDescriptor file) => Kernel.Lock(file, Uapi.LOCK_UN);
}
