using Tmds.Linux;

namespace ConsistentMadvise.Fuzz;

/// <summary>What holds for every plan, from any writer.</summary>
internal static unsafe class PlanRules
{
    /// <summary>A plan of gigabytes needs a call for each two of them: no more calls than this are cut.</summary>
    private const int MaxCalls = 64;

    private static readonly ulong PageMask = (ulong)Environment.SystemPageSize - 1;

    public static void Check(HintPlan plan)
    {
        ulong end = 0, bytes = 0;
        int vma = -1;
        for (int i = 0; i < plan.RangeArray.Length; i++)
        {
            AddressRange range = plan.RangeArray[i];
            Oracle.Holds(range.Start >= end && range.Start < range.End && ((range.Start | range.End) & PageMask) == 0);
            Oracle.Holds(plan.VmaOfRange[i] == vma || plan.VmaOfRange[i] == vma + 1);
            vma = plan.VmaOfRange[i];
            Oracle.Holds(plan.Vmas[vma].Range.Contains(range));
            bytes += range.Length;
            end = range.End;
        }

        Oracle.Same(plan.Vmas.Length - 1, vma);
        Oracle.Same(plan.Ranges.Count, plan.VmaOfRange.Length);
        Oracle.Same(bytes, plan.Bytes);
        for (int i = 1; i < plan.Vmas.Length; i++)
        {
            Oracle.Holds(plan.Vmas[i - 1].Range.End <= plan.Vmas[i].Range.Start);
        }

        Oracle.Holds(plan.ExpiresAt > plan.CreatedAt && plan.ExpiresAt - plan.CreatedAt <= HintPlan.MaxLifetime);
        Oracle.Holds(!plan.IsExpiredAt(plan.CreatedAt) && plan.IsExpiredAt(plan.ExpiresAt));
        CheckBatches(plan.RangeArray);
    }

    /// <summary>The calls cover the ranges from the start, without a gap, and within the kernel's limits.</summary>
    private static void CheckBatches(AddressRange[] ranges)
    {
        iovec[] vector = new iovec[Math.Min(ranges.Length, BatchCutter.MaxRanges)];
        BatchCursor at = new(0, 0);
        for (int calls = 0; at.Range < ranges.Length && calls < MaxCalls; calls++)
        {
            int filled = BatchCutter.Cut(ranges, at, vector, ulong.MaxValue, out ulong bytes);
            Oracle.Holds(filled is > 0 and <= BatchCutter.MaxRanges && bytes <= BatchCutter.MaxBytes);
            BatchCursor next = BatchCutter.Advance(ranges, at, bytes);
            for (int i = 0; i < filled; i++)
            {
                AddressRange range = ranges[at.Range + i];
                ulong start = range.Start + (i == 0 ? at.Offset : 0), length = (ulong)vector[i].iov_len;
                Oracle.Same(start, (ulong)vector[i].iov_base);
                Oracle.Holds(length > 0 && length <= range.End - start && (i == filled - 1 || length == range.End - start));
                bytes -= length;
            }

            Oracle.Same(0ul, bytes);
            Oracle.Holds(next.Range > at.Range || (next.Range == at.Range && next.Offset > at.Offset));
            at = next;
        }
    }
}
