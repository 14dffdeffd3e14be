using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>ioctl(PAGEMAP_SCAN)</c> - regions of pages of the same categories, and where the walk ended (Linux 6.7, <c>linux/fs.h</c>).</summary>
    public static Errno ScanPages(SafeDescriptor pagemap, ref pm_scan_arg scan, Span<page_region> regions, out int count)
    {
        using SafeDescriptor.Use use = pagemap.Borrow();
        fixed (pm_scan_arg* argument = &scan)
        fixed (page_region* found = regions)
        {
            argument->size = (ulong)sizeof(pm_scan_arg);
            argument->vec = (ulong)found;
            argument->vec_len = (ulong)regions.Length;
            count = LibC.ioctl(use.Number, unchecked((int)Uapi.PAGEMAP_SCAN), argument);
        }

        return Errno.From(count);
    }
}
