using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Captures without the sequence: a snapshot is stable if two reads in a row agree.</summary>
/// <remarks>
/// The text is read through a fresh descriptor, which shows the current address space, and confirmed through the held one, which
/// shows the one that plans are tied to. They differ after execve(2).
/// </remarks>
internal static class TextCapture
{
    /// <summary>How many execve(2) calls during a capture are tolerated before it fails.</summary>
    public const int MaxReplacements = 16;

    /// <summary>Above this many VMAs, the confirming read yields its thread first.</summary>
    private const int LargeLayout = 16 * 1024;

    public static async ValueTask<LayoutSnapshot> CaptureAsync(ProcessTarget target, LayoutReader reader, CaptureOptions options, CancellationToken cancellationToken)
    {
        int reads = 0;
        for (int replacements = 0; ;)
        {
            AddressSpace held = target.Space;
            (Errno errno, VmaTable vmas, UInt128 hash) = await reader.ReadFreshAsync(target, cancellationToken).ConfigureAwait(false);
            reads++;
            Errno look = held.IsAlive(out bool isAlive);
            if (!look.Ok)
            {
                throw MapsFile.Unreadable(target, look);
            }

            if (vmas.Count == 0 || !isAlive)
            {
                if (target.HasExited || ++replacements > MaxReplacements)
                {
                    throw MapsFile.Unreadable(target, errno);
                }

                reads = 0;
                MapsFile.Renew(target, held);
                continue;
            }

            if (vmas.Count > LargeLayout)
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            bool isStable = reads < options.MaxReads && IsConfirmed(held, vmas.Count, hash, cancellationToken);
            reads += reads < options.MaxReads ? 1 : 0;
            if (isStable || reads >= options.MaxReads)
            {
                if (!isStable && options.MaxReads > 1)
                {
                    // A sharer may keep the held address space alive after the process left it: hold the fresh one from now on.
                    MapsFile.Renew(target, held);
                }

                return new LayoutSnapshot(vmas, new LayoutToken(target.Identity, vmas.Count, hash), target.Space, isStable, reads, options.TimeProvider.GetUtcNow());
            }
        }
    }

    private static bool IsConfirmed(AddressSpace held, int vmaCount, UInt128 hash, CancellationToken cancellationToken)
    {
        MapsHasher hasher = LayoutCapture.Hashers.Rent();
        try
        {
            lock (held.Position)
            {
                return Kernel.Rewind(held.Maps).Ok
                    && hasher.Hash(held.Maps, out UInt128 again, out int vmas, most: vmaCount, cancellationToken: cancellationToken).Ok && again == hash && vmas == vmaCount;
            }
        }
        finally
        {
            LayoutCapture.Hashers.Return(hasher);
        }
    }
}
