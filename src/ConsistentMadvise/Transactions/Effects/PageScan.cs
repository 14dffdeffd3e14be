using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How a scan of pages goes on.</summary>
internal static class PageScan
{
    /// <summary>Where the next call of <c>PAGEMAP_SCAN</c> is to begin.</summary>
    /// <remarks>
    /// A call that finds more than 512 regions and comes to its end leaves <c>walk_end</c> where the kernel's own buffer of 512 was full last (measured, Linux 6.18): a caller
    /// that believes it gets the regions after that twice.
    /// </remarks>
    public static ulong Next(in pm_scan_arg scan, ReadOnlySpan<page_region> found) =>
        Math.Max(Math.Max(scan.start, scan.walk_end), found.IsEmpty ? 0 : found[^1].end);
}
