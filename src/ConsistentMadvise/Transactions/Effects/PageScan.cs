using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>How a scan of pages continues.</summary>
internal static class PageScan
{
    /// <summary>Where the next call of <c>PAGEMAP_SCAN</c> must begin.</summary>
    /// <remarks>
    /// A call that finds more than 512 regions and completes leaves <c>walk_end</c> where the kernel's own buffer of 512 was last full (measured, Linux 6.18): a caller
    /// that relies on it gets the regions after that twice.
    /// </remarks>
    public static ulong Next(in pm_scan_arg scan, ReadOnlySpan<page_region> found) =>
        Math.Max(Math.Max(scan.start, scan.walk_end), found.IsEmpty ? 0 : found[^1].end);
}
