using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>Cuts the ranges of a plan into the vectors of single <c>process_madvise(2)</c> calls. Allocates nothing: it runs while the target is frozen.</summary>
[RunsFrozen]
internal static class BatchCutter
{
    /// <summary>The ranges of one call (<c>UIO_MAXIOV</c>, linux/uio.h). A longer vector is refused whole: <c>EINVAL</c>.</summary>
    public const int MaxRanges = Uapi.UIO_MAXIOV;

    private static readonly ulong PageBytes = (ulong)Environment.SystemPageSize;

    /// <summary>
    /// The bytes of one call (<c>MAX_RW_COUNT</c>, linux/fs.h: <c>INT_MAX</c> rounded down to a page). The kernel cuts a longer vector there
    /// without an error: the rest is not advised, and a bad range in it is never reported.
    /// </summary>
    public static ulong MaxBytes { get; } = int.MaxValue & ~(PageBytes - 1);

    /// <summary>Fills a vector with what follows the cursor.</summary>
    /// <param name="ranges">The ranges of the plan: sorted, aligned, not empty.</param>
    /// <param name="at">Where to begin.</param>
    /// <param name="vector">The vector; no more than <see cref="MaxRanges"/> of it is used.</param>
    /// <param name="maxBytes">The maximum number of bytes, capped at <see cref="MaxBytes"/>. At least one page is taken.</param>
    /// <param name="bytes">The bytes that the filled part covers.</param>
    /// <returns>The number of entries filled; 0 only if nothing follows the cursor or the vector is empty.</returns>
    public static unsafe int Cut(ReadOnlySpan<AddressRange> ranges, BatchCursor at, Span<iovec> vector, ulong maxBytes, out ulong bytes)
    {
        ulong limit = Math.Max(Math.Min(maxBytes, MaxBytes) & ~(PageBytes - 1), PageBytes);
        int length = Math.Min(vector.Length, MaxRanges);
        int filled = 0;
        bytes = 0;
        for (int i = at.Range; i < ranges.Length && filled < length && bytes < limit; i++)
        {
            ulong start = ranges[i].Start + (i == at.Range ? at.Offset : 0);
            ulong whole = ranges[i].End - start;
            ulong piece = whole <= limit - bytes ? whole : CutPiece(start, limit - bytes, isFirst: filled == 0);
            if (piece == 0)
            {
                break;
            }

            vector[filled++] = new iovec { iov_base = (void*)start, iov_len = (size_t)piece };
            bytes += piece;
            if (piece < whole)
            {
                break;
            }
        }

        return filled;
    }

    /// <summary>Fills a vector with single units of what follows the cursor.</summary>
    /// <remarks>
    /// The kernel counts whole entries of the vector, and stops at the one that fails. An entry of several units would fail as a whole even if some of its
    /// huge pages were made, and one without a whole unit succeeds and does nothing.
    /// </remarks>
    /// <param name="ranges">The ranges of the plan: sorted, of whole units.</param>
    /// <param name="at">Where to begin.</param>
    /// <param name="vector">The vector; no more than <see cref="MaxRanges"/> of it is used.</param>
    /// <param name="maxBytes">The maximum number of bytes, capped at <see cref="MaxBytes"/>. At least one unit is taken.</param>
    /// <param name="unit">The bytes of a unit.</param>
    /// <param name="bytes">The bytes that the filled part covers.</param>
    /// <returns>The number of entries filled; 0 only if nothing follows the cursor or the vector is empty.</returns>
    public static unsafe int CutUnits(ReadOnlySpan<AddressRange> ranges, BatchCursor at, Span<iovec> vector, ulong maxBytes, ulong unit, out ulong bytes)
    {
        int length = Math.Min(vector.Length, MaxRanges);
        length = (int)Math.Min((ulong)length, Math.Max(1, Math.Min(maxBytes, MaxBytes) / unit));
        int filled = 0;
        for (int i = at.Range; i < ranges.Length && filled < length; i++)
        {
            for (ulong start = ranges[i].Start + (i == at.Range ? at.Offset : 0); start < ranges[i].End && filled < length; start += unit)
            {
                vector[filled++] = new iovec { iov_base = (void*)start, iov_len = (size_t)unit };
            }
        }

        bytes = (ulong)filled * unit;
        return filled;
    }

    /// <summary>Moves a cursor over bytes that were advised.</summary>
    public static BatchCursor Advance(ReadOnlySpan<AddressRange> ranges, BatchCursor at, ulong bytes)
    {
        int range = at.Range;
        ulong offset = at.Offset;
        while (range < ranges.Length && bytes >= ranges[range].Length - offset)
        {
            bytes -= ranges[range].Length - offset;
            range++;
            offset = 0;
        }

        return new BatchCursor(range, range < ranges.Length ? offset + bytes : 0);
    }

    /// <summary>How many bytes to take of a range that exceeds the rest of this call; 0 leaves it to the next call.</summary>
    /// <remarks>A hint that ends inside a huge page splits it, and the target is left with the slower small pages.</remarks>
    private static ulong CutPiece(ulong start, ulong room, bool isFirst)
    {
        ulong border = (start + room) & ~(HugePage.Bytes - 1);
        if (border > start)
        {
            return border - start;
        }

        // The limit falls inside a huge page that may begin right here: only the next call can take all of it.
        return border == start && !isFirst ? 0 : room;
    }
}
