namespace ConsistentMadvise;

/// <summary>Finds the ranges of a plan in a layout: each inside one VMA that may be hinted, and of whole units for advice that works in units.</summary>
internal sealed class RangePlanner
{
    private readonly LayoutSnapshot _layout;
    private readonly ulong _unit;
    private readonly bool[]? _outdated;
    private readonly List<AddressRange> _ranges = [];
    private readonly List<int> _vmaOfRange = [];
    private readonly List<PlannedVma> _vmas = [];
    private int _lastVma = -1;

    /// <param name="layout">The layout.</param>
    /// <param name="unit">The advice's unit (<see cref="HugePage.UnitOf"/>): only whole units are planned, and VMAs without one are left out; 0 for any page.</param>
    public RangePlanner(LayoutSnapshot layout, ulong unit = 0)
    {
        _layout = layout;
        _unit = unit;
        _outdated = FindOutdated(layout);
    }

    /// <summary>Plans whole VMAs.</summary>
    public PlannedRanges Select(Func<Vma, bool> predicate)
    {
        for (int i = 0; i < _layout.Count; i++)
        {
            Vma vma = _layout[i];
            if (!IsOutdated(i) && !vma.IsSpecial && predicate(vma))
            {
                Add(i, vma, vma.Range);
            }
        }

        return Finish();
    }

    /// <summary>Plans given ranges, sorted and disjoint, cut at VMA boundaries. Returns the error; null if they were planned.</summary>
    public string? Cut(List<AddressRange> ranges, out PlannedRanges? planned)
    {
        planned = null;
        foreach (AddressRange range in ranges)
        {
            for (ulong address = range.Start; address < range.End;)
            {
                int index = IndexAtOrAfter(address);
                ulong covered = index < _layout.Count ? _layout[index].Start : ulong.MaxValue;
                if (covered > address)
                {
                    return $"No VMA of process {_layout.Process.Pid} covers {new AddressRange(address, Math.Min(covered, range.End))}.";
                }

                Vma vma = _layout[index];
                if (vma.IsSpecial)
                {
                    return $"The range {range} reaches into {vma}, which must not be hinted; leave it out.";
                }

                AddressRange piece = new(address, Math.Min(vma.End, range.End));
                Add(index, vma, piece);
                address = piece.End;
            }
        }

        planned = Finish();
        if (planned.Ranges.Length != 0 || ranges.Count == 0)
        {
            return null;
        }

        planned = null;
        return $"The ranges contain no whole huge page of {_unit / 1024} KiB, aligned and inside one VMA that can hold it; the advice needs at least one.";
    }

    private void Add(int index, Vma vma, AddressRange range)
    {
        if (_unit != 0)
        {
            range = HugePage.MayLieIn(vma, _unit) ? HugePage.Inside(range, _unit) : default;
            if (range.IsEmpty)
            {
                return;
            }
        }

        if (index != _lastVma)
        {
            _lastVma = index;
            _vmas.Add(new PlannedVma(vma.Range, MapsLineHash.Of(in vma.Record, vma.NameBytes)));
        }

        if (_ranges.Count == HintPlan.MaxRanges)
        {
            throw new ArgumentException($"A plan has at most {HintPlan.MaxRanges} ranges; make several plans.");
        }

        _ranges.Add(range);
        _vmaOfRange.Add(_vmas.Count - 1);
    }

    private PlannedRanges Finish() => new([.. _ranges], [.. _vmas], [.. _vmaOfRange]);

    private int IndexAtOrAfter(ulong address)
    {
        int index = _layout.IndexAtOrAfter(address);
        while (index < _layout.Count && IsOutdated(index))
        {
            index++;
        }

        return index;
    }

    private bool IsOutdated(int index) => _outdated is not null && _outdated[index];

    /// <summary>
    /// Finds lines that a later line contradicts; null if there are none. Since Linux 6.17 the text of a process that changes its
    /// layout while it is read may contain overlapping VMAs: the later line is the newer.
    /// </summary>
    private static bool[]? FindOutdated(LayoutSnapshot layout)
    {
        bool[]? outdated = null;
        ulong lowest = ulong.MaxValue;
        for (int i = layout.Count - 1; i >= 0; i--)
        {
            AddressRange range = layout[i].Range;
            if (range.End > lowest)
            {
                outdated ??= new bool[layout.Count];
                outdated[i] = true;
            }

            lowest = Math.Min(lowest, range.Start);
        }

        return outdated;
    }
}
