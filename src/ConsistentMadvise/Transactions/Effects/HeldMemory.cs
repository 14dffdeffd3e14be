using System.Buffers;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The parts of a plan's ranges that hold pages, as <c>PAGEMAP_SCAN</c> (Linux 6.7) finds them while the target runs. <c>COLD</c> and <c>PAGEOUT</c> have no effect on the rest.</summary>
/// <param name="Ranges">Sorted, disjoint, and each inside one range of the plan.</param>
/// <param name="Origins">The index of that range, for each part.</param>
/// <remarks>
/// Terabytes may be reserved and never touched. A window passes over them fast, but nothing shows where they end: its calls must be as short as touched memory requires.
/// </remarks>
internal sealed record HeldMemory(AddressRange[] Ranges, int[] Origins)
{
    /// <summary>A smaller plan is not scanned: one or two windows cover all of it.</summary>
    private const ulong MinPlanBytes = 64UL << 20;

    /// <summary>A smaller gap is not left out: a call passes over it in microseconds, and the number of parts stays small.</summary>
    private const ulong MinGap = 16UL << 20;

    /// <summary>Ranges no further apart than this are scanned in one call.</summary>
    private const ulong MaxStep = 1UL << 20;

    /// <summary>A call returns after this many pages: the kernel holds the target's mmap lock, for reading, during the call.</summary>
    private const ulong MaxPagesOfACall = 256 * 1024;

    private const int Regions = 1024;

    /// <summary>Finds them; null if the whole plan is to be advised: it is small, the kernel has no scan, or the scan failed.</summary>
    public static HeldMemory? Find(ProcessTarget target, HintPlan plan, CancellationToken cancellationToken)
    {
        bool isWorthwhile = plan.Bytes >= MinPlanBytes && (plan.Advice == Advice.Cold || plan.Advice == Advice.PageOut);
        if (!isWorthwhile || !target.Directory.OpenFile("pagemap\0"u8, out SafeDescriptor pagemap).Ok)
        {
            return null;
        }

        page_region[] regions = ArrayPool<page_region>.Shared.Rent(Regions);
        using (pagemap)
        {
            HeldParts parts = new(plan.RangeArray, MinGap);
            bool isWhole = true;
            for (int first = 0, next; isWhole && first < plan.RangeArray.Length; first = next)
            {
                AddressRange span = SpanFrom(plan.RangeArray, first, out next);
                isWhole = TryScan(pagemap, span, regions, parts, cancellationToken);
            }

            ArrayPool<page_region>.Shared.Return(regions);
            return isWhole ? parts.ToHeldMemory() : null;
        }
    }

    private static AddressRange SpanFrom(AddressRange[] ranges, int first, out int next)
    {
        for (next = first + 1; next < ranges.Length && ranges[next].Start - ranges[next - 1].End <= MaxStep; next++)
        {
        }

        return new AddressRange(ranges[first].Start, ranges[next - 1].End);
    }

    private static bool TryScan(SafeDescriptor pagemap, AddressRange span, page_region[] regions, HeldParts parts, CancellationToken cancellationToken)
    {
        pm_scan_arg scan = new()
        {
            start = span.Start,
            end = span.End,
            max_pages = MaxPagesOfACall,
            category_mask = Uapi.PAGE_IS_PRESENT,
            return_mask = Uapi.PAGE_IS_PRESENT,
        };
        while (scan.start < span.End)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Errno errno = Kernel.ScanPages(pagemap, ref scan, regions.AsSpan(0, Regions), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            ulong next = errno.Ok ? PageScan.Next(in scan, regions.AsSpan(0, count)) : 0;
            if (next <= scan.start)
            {
                return false;
            }

            foreach (page_region region in regions.AsSpan(0, count))
            {
                parts.Add(region.start, region.end);
            }

            scan.start = next;
        }

        return true;
    }
}
