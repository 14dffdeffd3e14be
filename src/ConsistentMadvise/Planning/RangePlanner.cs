namespace ConsistentMadvise;

/// <summary>Finds the ranges of one plan in a layout: each inside one VMA, none in one that is not memory to be hinted.</summary>
internal sealed class RangePlanner
{
    private readonly LayoutSnapshot _layout;
    private readonly bool[]? _outdated;
    private readonly List<AddressRange> _ranges = [];
    private readonly List<int> _vmaOfRange = [];
    private readonly List<PlannedVma> _vmas = [];
    private int _lastVma = -1;

    public RangePlanner(LayoutSnapshot layout)
    {
        _layout = layout;
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

    /// <summary>Plans given ranges, sorted and apart, cut where VMAs meet. Returns why not.</summary>
    public string? Cut(List<AddressRange> ranges, out PlannedRanges? planned)
    {
        planned = null;
        foreach (AddressRange range in ranges)
        {
            for (ulong address = range.Start; address < range.End;)
            {
                int index = IndexAtOrBehind(address);
                ulong covered = index < _layout.Count ? _layout[index].Start : ulong.MaxValue;
                if (covered > address)
                {
                    return $"No VMA of process {_layout.Process.Pid} covers {new AddressRange(address, Math.Min(covered, range.End))}.";
                }

                Vma vma = _layout[index];
                if (vma.IsSpecial)
                {
                    return $"The range {range} reaches into {vma}, which is not memory to be hinted.";
                }

                AddressRange piece = new(address, Math.Min(vma.End, range.End));
                Add(index, vma, piece);
                address = piece.End;
            }
        }

        planned = Finish();
        return null;
    }

    private void Add(int index, Vma vma, AddressRange range)
    {
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

    private int IndexAtOrBehind(ulong address)
    {
        int index = _layout.IndexAtOrBehind(address);
        while (index < _layout.Count && IsOutdated(index))
        {
            index++;
        }

        return index;
    }

    private bool IsOutdated(int index) => _outdated is not null && _outdated[index];

    /// <summary>
    /// Finds lines that a later line contradicts; null when there are none. Since Linux 6.17 the text of a process that changes its
    /// layout while it is read may hold VMAs that overlap: the line behind is the younger.
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
