using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Measures the memory in the ranges of a plan while the target runs: <c>PAGEMAP_SCAN</c> finds the pages, and <c>/proc/PID/pagemap</c> shows which of them no other mapping shares.</summary>
/// <remarks>
/// The descriptor stays with its address space: if the process calls execve(2) between the two measurements, the new program is not measured instead.
/// Cost: 30 ms per resident GiB, nearly all for what only pagemap shows, and next to nothing for reserved memory; without the scan (before Linux 6.7) 8 bytes are read for every page.
/// Sources: Documentation/admin-guide/mm/pagemap.rst.
/// </remarks>
internal sealed class EffectMeter(ProcessTarget target, HintPlan plan) : IDisposable
{
    private const int EntryBytes = sizeof(ulong);

    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    private readonly page_region[] _regions = new page_region[1024];
    private readonly ulong[] _entries = new ulong[8 * 1024];

    /// <summary>The bytes of each range in pages that are mapped more than once; 0 for a range that also holds other pages, or none.</summary>
    private readonly ulong[] _shared = new ulong[plan.RangeArray.Length];
    private SafeDescriptor? _pagemap;
    private Errno _errno;
    private MemoryUse _before;
    private MemoryUse _after;
    private bool _canScan = true;

    /// <summary>The result, for a transaction that made a call.</summary>
    public HintEffect Effect => new(_before, _after, _errno.Value);

    /// <summary>Measures before the first window.</summary>
    public void MeasureBefore(CancellationToken cancellationToken)
    {
        _errno = target.Directory.OpenFile("pagemap\0"u8, out _pagemap);
        _errno = _errno.Ok ? Measure(isBefore: true, out _before, cancellationToken) : _errno;
    }

    /// <summary>Measures once the target runs again.</summary>
    public void MeasureAfter()
    {
        _errno = _errno.Ok ? Measure(isBefore: false, out _after, CancellationToken.None) : _errno;
        _after = _errno.Ok ? _after : default;
    }

    /// <summary>Whether every resident page of a range was mapped more than once when the first window began, and none left memory: nothing in the range could be moved.</summary>
    public bool IsShared(int range) => _errno.Ok && _shared[range] != 0;

    public void Dispose() => _pagemap?.Dispose();

    private Errno Measure(bool isBefore, out MemoryUse sum, CancellationToken cancellationToken)
    {
        sum = default;
        for (int i = 0; i < plan.RangeArray.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Errno errno = MeasureRange(plan.RangeArray[i], out MemoryUse use, cancellationToken);
            if (!errno.Ok)
            {
                return errno;
            }

            sum = new MemoryUse
            {
                ResidentBytes = sum.ResidentBytes + use.ResidentBytes,
                SwappedBytes = sum.SwappedBytes + use.SwappedBytes,
                ExclusiveBytes = sum.ExclusiveBytes + use.ExclusiveBytes,
                HugeBytes = (i == 0 ? 0 : sum.HugeBytes) + use.HugeBytes,
            };
            if (isBefore)
            {
                _shared[i] = use.ExclusiveBytes == 0 ? use.ResidentBytes : 0;
            }
            else if (use.ResidentBytes < _shared[i])
            {
                _shared[i] = 0; // some pages left memory nevertheless
            }
        }

        // In an address space that is gone, a scan finds nothing, as if all pages had left memory; a read of pagemap returns end of file at once.
        return IsGone() ? Errno.ESRCH : Errno.None;
    }

    private bool IsGone() =>
        plan.RangeArray.Length != 0 && Kernel.ReadAt(_pagemap!, MemoryMarshal.AsBytes(_entries.AsSpan(0, 1)), Offset(plan.RangeArray[0].Start), out int count).Ok && count == 0;

    private Errno MeasureRange(AddressRange range, out MemoryUse use, CancellationToken cancellationToken)
    {
        if (_canScan)
        {
            Errno errno = Scan(range, out use, cancellationToken);
            if (errno != Errno.ENOTTY && errno != Errno.EINVAL)
            {
                return errno;
            }

            _canScan = false; // before Linux 6.7
        }

        return ReadEntries(range, out use, cancellationToken);
    }

    private Errno Scan(AddressRange range, out MemoryUse use, CancellationToken cancellationToken)
    {
        pm_scan_arg scan = new()
        {
            start = range.Start,
            end = range.End,
            category_anyof_mask = Uapi.PAGE_IS_PRESENT | Uapi.PAGE_IS_SWAPPED,
            return_mask = Uapi.PAGE_IS_PRESENT | Uapi.PAGE_IS_SWAPPED | Uapi.PAGE_IS_PFNZERO | Uapi.PAGE_IS_HUGE,
        };
        (ulong resident, ulong swapped, ulong exclusive, ulong huge) = (0, 0, 0, 0);
        Errno errno = Errno.None;
        while (errno.Ok && scan.start < range.End)
        {
            cancellationToken.ThrowIfCancellationRequested();
            errno = Kernel.ScanPages(_pagemap!, ref scan, _regions, out int count);
            for (int i = 0; errno.Ok && i < count; i++)
            {
                (ulong bytes, ulong kind) = (_regions[i].end - _regions[i].start, _regions[i].categories);
                swapped += (kind & Uapi.PAGE_IS_SWAPPED) != 0 ? bytes : 0;
                if ((kind & Uapi.PAGE_IS_PRESENT) != 0 && (kind & Uapi.PAGE_IS_PFNZERO) == 0)
                {
                    resident += bytes;
                    huge += (kind & Uapi.PAGE_IS_HUGE) != 0 ? bytes : 0;
                    errno = ReadEntries(new AddressRange(_regions[i].start, _regions[i].end), out MemoryUse pages, cancellationToken);
                    exclusive += pages.ExclusiveBytes;
                }
            }

            errno = errno == Errno.EINTR ? Errno.None : errno;
            scan.start = PageScan.Next(in scan, _regions.AsSpan(0, Math.Max(0, count)));
        }

        use = new MemoryUse { ResidentBytes = resident, SwappedBytes = swapped, ExclusiveBytes = Math.Min(exclusive, resident), HugeBytes = huge };
        return errno;
    }

    private Errno ReadEntries(AddressRange range, out MemoryUse use, CancellationToken cancellationToken)
    {
        (ulong present, ulong swapped, ulong exclusive) = (0, 0, 0);
        use = default;
        for (ulong at = range.Start; at < range.End;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int wanted = (int)Math.Min((range.End - at) / Page, (ulong)_entries.Length);
            Errno errno = Kernel.ReadAt(_pagemap!, MemoryMarshal.AsBytes(_entries.AsSpan(0, wanted)), Offset(at), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count < EntryBytes)
            {
                return errno.Ok ? Errno.ESRCH : errno;
            }

            foreach (ulong entry in _entries.AsSpan(0, count / EntryBytes))
            {
                present += (entry & KernelInternal.PM_PRESENT) != 0 ? Page : 0;
                swapped += (entry & KernelInternal.PM_SWAP) != 0 ? Page : 0;
                exclusive += (entry & (KernelInternal.PM_PRESENT | KernelInternal.PM_MMAP_EXCLUSIVE)) == (KernelInternal.PM_PRESENT | KernelInternal.PM_MMAP_EXCLUSIVE) ? Page : 0;
            }

            at += (ulong)(count / EntryBytes) * Page;
        }

        use = new MemoryUse { ResidentBytes = present, SwappedBytes = swapped, ExclusiveBytes = exclusive };
        return Errno.None;
    }

    private static long Offset(ulong address) => (long)(address / Page * EntryBytes);
}
