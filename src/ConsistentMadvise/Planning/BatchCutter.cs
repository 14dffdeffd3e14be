using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise;

/// <summary>Cuts the ranges of a plan into the vectors of single <c>process_madvise(2)</c> calls. Allocates nothing: it runs while the target is frozen.</summary>
internal static class BatchCutter
{
    /// <summary>The ranges of one call (<c>UIO_MAXIOV</c>, linux/uio.h). A longer vector is refused whole: <c>EINVAL</c>.</summary>
    public const int MaxRanges = Uapi.UIO_MAXIOV;

    /// <summary>
    /// What the kernel makes a transparent huge page of with 4 KiB pages. A hint that ends inside one splits it, and the target keeps
    /// the slower small pages. With larger base pages huge ones are larger still; a cut is then still correct, only not as kind.
    /// </summary>
    private const ulong HugePageBytes = 2 * 1024 * 1024;

    private static readonly ulong PageBytes = (ulong)Environment.SystemPageSize;

    /// <summary>
    /// The bytes of one call (<c>MAX_RW_COUNT</c>, linux/fs.h: <c>INT_MAX</c> rounded down to a page). The kernel cuts a longer vector there
    /// without an error: what lies behind is not advised, and a bad range there is never reported.
    /// </summary>
    public static ulong MaxBytes { get; } = int.MaxValue & ~(PageBytes - 1);

    /// <summary>Fills a vector with what follows the cursor.</summary>
    /// <param name="ranges">The ranges of the plan: sorted, aligned, not empty.</param>
    /// <param name="at">Where to begin.</param>
    /// <param name="vector">The vector; no more than <see cref="MaxRanges"/> of it is used.</param>
    /// <param name="maxBytes">The bytes to stay below, or at; <see cref="MaxBytes"/> bounds it. One page is taken even if this is less.</param>
    /// <param name="bytes">The bytes that the filled part covers.</param>
    /// <returns>How much of the vector was filled; 0 only when nothing follows the cursor or the vector is empty.</returns>
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

    /// <summary>How many of the bytes that fit to take of a range that is longer than that; 0 to leave it to the next call.</summary>
    private static ulong CutPiece(ulong start, ulong room, bool isFirst)
    {
        ulong border = (start + room) & ~(HugePageBytes - 1);
        if (border > start)
        {
            return border - start;
        }

        // The room ends inside a huge page that may begin right here: the next call has room for all of it, if any has.
        return border == start && !isFirst ? 0 : room;
    }
}
