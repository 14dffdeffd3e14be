using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>struct page_region</c> of <c>linux/fs.h</c> (Linux 6.7): pages of the same categories.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct page_region
{
    public ulong start;
    public ulong end;
    public ulong categories;
}
