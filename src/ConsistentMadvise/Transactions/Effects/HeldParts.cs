namespace ConsistentMadvise;

/// <summary>Collects the parts of sorted ranges that hold pages, as they are found in address order.</summary>
/// <param name="ranges">The ranges: sorted and disjoint.</param>
/// <param name="minGap">Parts of a range that are closer than this are merged.</param>
internal sealed class HeldParts(AddressRange[] ranges, ulong minGap)
{
    private readonly List<AddressRange> _parts = [];
    private readonly List<int> _origins = [];
    private int _next;

    /// <summary>Adds a region that holds pages; its parts outside all ranges are left out.</summary>
    public void Add(ulong start, ulong end)
    {
        while (_next < ranges.Length && ranges[_next].End <= start)
        {
            _next++;
        }

        for (int i = _next; i < ranges.Length && ranges[i].Start < end; i++)
        {
            // Rounded to whole huge pages: a hint that ends inside a huge page splits it.
            ulong from = Math.Max(ranges[i].Start, start & ~(HugePage.Bytes - 1));
            ulong to = Math.Min(ranges[i].End, (end + HugePage.Bytes - 1) & ~(HugePage.Bytes - 1));
            if (_parts.Count != 0 && _origins[^1] == i && from < _parts[^1].End + minGap)
            {
                _parts[^1] = new AddressRange(_parts[^1].Start, Math.Max(_parts[^1].End, to));
            }
            else
            {
                _parts.Add(new AddressRange(from, to));
                _origins.Add(i);
            }
        }
    }

    public HeldMemory ToHeldMemory() => new([.. _parts], [.. _origins]);
}
