using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Captures with the kernel's sequence: if it is equal before and after the read, the snapshot is atomic; if equal to the last capture's, that one is still valid.</summary>
internal static class SequencedCapture
{
    private static readonly ConditionalWeakTable<ProcessTarget, LayoutSnapshot> Last = [];

    /// <summary>Returns the last capture if nothing has changed since.</summary>
    public static LayoutSnapshot? TryReuse(ProcessTarget target, in SequenceReading now, TimeProvider time)
    {
        if (!Last.TryGetValue(target, out LayoutSnapshot? last) || last.Token.Stamp is not { IsTrusted: true } stamp
            || !stamp.IsUnchangedIn(in now, target.Identity, last.Space!.Id))
        {
            return null;
        }

        LayoutSnapshot renewed = last.Renew(in now, time.GetUtcNow());
        Last.AddOrUpdate(target, renewed);
        return renewed;
    }

    /// <summary>Reads until the sequence does not move during a read, or the reads are used up.</summary>
    public static async ValueTask<LayoutSnapshot> CaptureAsync(
        ProcessTarget target, LayoutReader reader, SequenceReading before, CaptureOptions options, CancellationToken cancellationToken)
    {
        int reads = 0;
        for (int attempts = 0; ; attempts++)
        {
            bool isAtRest = !before.IsWriting || SequenceReader.Shared.TryReadAtRest(target, out before);
            (Errno errno, VmaTable vmas, UInt128 hash) = await reader.ReadFreshAsync(target, cancellationToken).ConfigureAwait(false);
            bool isFound = SequenceReader.Shared.TryRead(target, out SequenceReading after);
            if (vmas.Count == 0)
            {
                if (target.HasExited || attempts >= TextCapture.MaxReplacements)
                {
                    throw MapsFile.Unreadable(target, errno);
                }

                before = after; // it exec'd
                continue;
            }

            reads++;
            bool isAtomic = isFound && after.IsUnchangedSince(in before) && Hold(target, in after);
            if (isAtomic || reads >= options.MaxReads)
            {
                SequenceStamp? stamp = isAtomic ? SequenceStamp.Of(in after) : null;
                SequenceStamp? since = isAtRest ? SequenceStamp.Of(in before) : null;
                LayoutSnapshot snapshot = new(
                    vmas, new LayoutToken(target.Identity, vmas.Count, hash, stamp), target.Space, isAtomic, reads, options.TimeProvider.GetUtcNow(), since);
                if (isAtomic)
                {
                    Last.AddOrUpdate(target, snapshot);
                }

                return snapshot;
            }

            before = after;
        }
    }

    /// <summary>Makes sure that the address space held, which pins its identity, is the one that was read.</summary>
    private static bool Hold(ProcessTarget target, in SequenceReading reading)
    {
        AddressSpace held = target.Space;
        if (held.Id == reading.AddressSpace)
        {
            return true;
        }

        // Opened between two equal readings, the descriptor is of the same address space as both.
        MapsFile.Renew(target, held);
        if (!SequenceReader.Shared.TryRead(target, out SequenceReading now) || !now.IsUnchangedSince(in reading))
        {
            return false;
        }

        target.Space.Id = reading.AddressSpace;
        return true;
    }
}
