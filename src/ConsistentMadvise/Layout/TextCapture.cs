using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Captures where only the text can be read: stable is what two reads in a row agree on.</summary>
/// <remarks>
/// The text is read through a fresh descriptor, which shows the address space that the process has now, and confirmed through the held one, which
/// shows the one that plans are tied to. They part when the process executes a new program.
/// </remarks>
internal static class TextCapture
{
    /// <summary>A process that executes new programs faster than its layout can be read is given up after so many.</summary>
    public const int MaxReplacements = 16;

    /// <summary>A layout of more VMAs than this is confirmed in a turn of its own.</summary>
    private const int LargeLayout = 16 * 1024;

    public static async ValueTask<LayoutSnapshot> CaptureAsync(ProcessTarget target, LayoutReader reader, int maxReads, CancellationToken cancellationToken)
    {
        int reads = 0;
        for (int replacements = 0; ;)
        {
            AddressSpace held = target.Space;
            (Errno errno, VmaTable vmas, UInt128 hash) = await reader.ReadFreshAsync(target, cancellationToken).ConfigureAwait(false);
            reads++;
            if (vmas.Count == 0 || !held.IsAlive())
            {
                if (target.HasExited || ++replacements > MaxReplacements)
                {
                    throw LayoutCapture.Unreadable(target, errno);
                }

                reads = 0;
                LayoutCapture.Renew(target, held);
                continue;
            }

            if (vmas.Count > LargeLayout)
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            bool isStable = reads < maxReads && IsConfirmed(held, vmas.Count, hash);
            reads += reads < maxReads ? 1 : 0;
            if (isStable || reads >= maxReads)
            {
                if (!isStable && maxReads > 1)
                {
                    // A sharer may keep the held address space alive after the process left it: from now on the fresh one is held.
                    LayoutCapture.Renew(target, held);
                }

                return new LayoutSnapshot(vmas, new LayoutToken(target.Identity, vmas.Count, hash), target.Space, isStable, reads, DateTimeOffset.UtcNow);
            }
        }
    }

    private static bool IsConfirmed(AddressSpace held, int vmaCount, UInt128 hash)
    {
        MapsHasher hasher = LayoutCapture.Hashers.Rent();
        bool same;
        lock (held.Position)
        {
            same = Kernel.Rewind(held.Maps).Ok && hasher.Hash(held.Maps, out UInt128 again, out int vmas).Ok && again == hash && vmas == vmaCount;
        }

        LayoutCapture.Hashers.Return(hasher);
        return same;
    }
}
