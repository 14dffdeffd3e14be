using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares readings of single VMAs of the calling process with known facts: a wrong offset must not look like an untouched VMA.</summary>
internal static class VmaSequenceSelfCheck
{
    /// <summary>Other threads of this process map memory too, so a walk may have to be repeated.</summary>
    private const int Attempts = 1000;

    /// <summary>A VMA of three pages, split into three by a change of the middle page's protection, and merged again: each step is seen in the middle page, and in no other.</summary>
    public static SequenceAvailability Run(VmaSequenceReader reader)
    {
        ulong page = (ulong)Environment.SystemPageSize;
        Errno errno = Kernel.MapPrivateAnonymous(5 * page, out nint address);
        if (!errno.Ok)
        {
            return BpfLoader.Explain(errno, string.Empty);
        }

        // Unmapped pages on both sides, so that nothing merges with it.
        ulong start = (ulong)address + page;
        Kernel.Unmap(address, page);
        Kernel.Unmap(address + (4 * (nint)page), page);
        string? mistake = Check(reader, start, page);
        Kernel.Unmap((nint)start, 3 * page);
        return mistake is null ? SequenceAvailability.Available : new SequenceAvailability(
            SequenceObstacle.SelfCheckFailed, $"The sequences of VMAs are not used: the self-check on the calling process failed: {mistake}.");
    }

    private static string? Check(VmaSequenceReader reader, ulong start, ulong page)
    {
        if (!reader.TryRent(out VmaBatch batch))
        {
            return "no slot was free";
        }

        using (batch)
        {
            if (!TryRead(batch, start, page, out uint mapped) || !Is(batch, 0, start, 3 * page) || !Is(batch, 2, start, 3 * page))
            {
                return "a VMA was not found where it is";
            }

            if (batch.Entries[3].End != 0)
            {
                return "a VMA was found where none is";
            }

            if (!Kernel.Protect((nint)(start + page), page, isWritable: false).Ok)
            {
                return "mprotect(2) failed";
            }

            if (!TryRead(batch, start, page, out uint split) || !Is(batch, 0, start, page) || !Is(batch, 1, start + page, page) || !Is(batch, 2, start + 2 * page, page))
            {
                return "a split VMA was not found";
            }

            if (!batch.Entries[1].WasLockedAfter(mapped) || batch.Entries[1].WasLockedAfter(split))
            {
                return $"mprotect(2) set the sequence of its VMA to {batch.Entries[1].LockedAt}, which is not between {mapped} and {split}";
            }

            uint first = batch.Entries[0].LockedAt;
            return !Kernel.Protect((nint)(start + 2 * page), page, isWritable: false).Ok ? "mprotect(2) failed"
                : !TryRead(batch, start, page, out uint _) || !Is(batch, 1, start + page, 2 * page) ? "a merged VMA was not found"
                : batch.Entries[0].LockedAt != first || batch.Entries[0].WasLockedAfter(split) ? "mprotect(2) of another VMA moved the sequence of one"
                : !batch.Entries[1].WasLockedAfter(split) ? "mprotect(2) did not move the sequence of a VMA that grew"
                : null;
        }
    }

    private static bool TryRead(VmaBatch batch, ulong start, ulong page, out uint sequence)
    {
        sequence = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            for (int i = 0; i < 4; i++)
            {
                batch.Entries[i].Address = start + (ulong)i * page;
            }

            if (batch.Read(Environment.ProcessId, 4, out SequenceReading process).Ok && process.State == SequenceState.Read && IsSettled(batch))
            {
                sequence = batch.Entries[0].Sequence;
                return true;
            }
        }

        return false;
    }

    private static bool IsSettled(VmaBatch batch)
    {
        for (int i = 0; i < 4; i++)
        {
            if (!batch.Entries[i].IsSettled || batch.Entries[i].Sequence != batch.Entries[0].Sequence)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Is(VmaBatch batch, int entry, ulong start, ulong length) =>
        batch.Entries[entry].Start == start && batch.Entries[entry].End == start + length;
}
