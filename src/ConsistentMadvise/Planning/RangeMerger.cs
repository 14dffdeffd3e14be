namespace ConsistentMadvise;

/// <summary>Sorts and merges the ranges that a caller asks for.</summary>
internal static class RangeMerger
{
    /// <summary>Returns the ranges sorted, with those that overlap or touch merged.</summary>
    /// <exception cref="ArgumentException">A range is empty or not aligned to pages.</exception>
    public static List<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        List<AddressRange> sorted = [];
        foreach (AddressRange range in ranges)
        {
            sorted.Add(Problem(range) is { } problem ? throw new ArgumentException(problem, nameof(ranges)) : range);
        }

        sorted.Sort();
        List<AddressRange> merged = new(sorted.Count);
        foreach (AddressRange range in sorted)
        {
            if (merged.Count > 0 && range.Start <= merged[^1].End)
            {
                merged[^1] = new AddressRange(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    /// <remarks>Not rounded: process_madvise(2) rounds a length up, and would advise memory outside the range.</remarks>
    private static string? Problem(AddressRange range)
    {
        ulong mask = (ulong)Environment.SystemPageSize - 1;
        return range.IsEmpty ? $"The range {range} is empty; its start must be below its end."
            : ((range.Start | range.End) & mask) != 0
                ? $"The range {range} is not aligned to pages; start and end must be multiples of {Environment.SystemPageSize} bytes."
            : null;
    }
}
