using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reaps guards that have exited: no other code in the host knows of them.</summary>
/// <remarks>A host that waits for any child may reap one first. Then nothing is left to reap: a pidfd never refers to the next child with that pid.</remarks>
internal static class ChildReaper
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Reaps a child once it has exited.</summary>
    public static void Add(SafeDescriptor pidfd) => _ = ReapAsync(pidfd);

    private static async Task ReapAsync(SafeDescriptor pidfd)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (Kernel.ReapChild(pidfd, out bool isReaped).Ok && !isReaped && TimeProvider.System.GetElapsedTime(begin) < Patience)
        {
            await Task.Delay(Poll).ConfigureAwait(false);
        }
    }
}
