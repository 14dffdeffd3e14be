namespace ConsistentMadvise;

/// <summary>The ranges of a plan, and the VMAs they lie in.</summary>
/// <param name="Ranges">Sorted, disjoint, none empty.</param>
/// <param name="Vmas">The VMAs that ranges lie in, each once, sorted.</param>
/// <param name="VmaOfRange">For each range the index of its VMA.</param>
internal sealed record PlannedRanges(AddressRange[] Ranges, PlannedVma[] Vmas, int[] VmaOfRange)
{
    public ulong Bytes { get; } = Sum(Ranges);

    private static ulong Sum(AddressRange[] ranges)
    {
        ulong sum = 0;
        foreach (AddressRange range in ranges)
        {
            sum = checked(sum + range.Length);
        }

        return sum;
    }
}
