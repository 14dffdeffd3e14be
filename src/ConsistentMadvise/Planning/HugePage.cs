using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The transparent huge page of this machine: <c>MADV_COLLAPSE</c> makes it, and a hint that ends inside one splits it.</summary>
internal static class HugePage
{
    /// <summary>Its size in bytes, a power of two, as the kernel states it in <c>hpage_pmd_size</c> (Documentation/admin-guide/mm/transhuge.rst).</summary>
    /// <remarks>
    /// If /sys is not mounted or the kernel has no transparent huge pages: the memory that one page table maps (a page of 8-byte entries). That is 2 MiB with 4 KiB pages,
    /// 32 MiB with 16 KiB and 512 MiB with 64 KiB, on x86-64 and arm64 alike.
    /// </remarks>
    public static ulong Bytes { get; } = Read();

    /// <summary>The unit that an advice works in; 0 for any page.</summary>
    public static ulong UnitOf(Advice advice) => advice == Advice.Collapse ? Bytes : 0;

    /// <summary>The whole units inside a range; empty if there are none.</summary>
    public static AddressRange Inside(AddressRange range, ulong unit)
    {
        ulong start = range.Start > ulong.MaxValue - (unit - 1) ? range.End : (range.Start + unit - 1) & ~(unit - 1);
        return new AddressRange(start, Math.Max(start, range.End & ~(unit - 1)));
    }

    /// <summary>
    /// Whether a VMA can hold huge pages. In a file mapping, address and offset must be congruent modulo the huge page
    /// (<c>thp_vma_suitable_order</c>, linux/huge_mm.h); anonymous memory has no such restriction.
    /// </summary>
    public static bool MayLieIn(Vma vma, ulong unit) =>
        !Inside(vma.Range, unit).IsEmpty && (!vma.IsFileBacked || ((vma.Start - vma.Offset) & (unit - 1)) == 0);

    private static ulong Read()
    {
        Span<byte> text = stackalloc byte[32];
        ulong page = (ulong)Environment.SystemPageSize;
        return KernelText.Read("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size\0"u8, text, out int count).Ok
            && ulong.TryParse(text[..count].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes)
            && ulong.IsPow2(bytes) && bytes >= page
            ? bytes
            : page / 8 * page;
    }
}
