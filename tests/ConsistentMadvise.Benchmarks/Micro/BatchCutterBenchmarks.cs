using BenchmarkDotNet.Attributes;
using Tmds.Linux;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Cutting a whole plan of 10,000 ranges into calls.</summary>
public class BatchCutterBenchmarks
{
    private const int Count = 10_000;

    private readonly iovec[] _vector = new iovec[BatchCutter.MaxRanges];
    private AddressRange[] _ranges = [];

    /// <summary>Pages of each range: one, a huge page and a bit, or more than one call can carry of some of them.</summary>
    [Params(1, 513, 20_000)]
    public int PagesEach { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ulong bytes = (ulong)PagesEach * (ulong)Environment.SystemPageSize;
        _ranges = [.. Enumerable.Range(1, Count).Select(i => new AddressRange((ulong)i * 2 * bytes, ((ulong)i * 2 * bytes) + bytes))];
    }

    [Benchmark]
    public int CutThePlan()
    {
        int calls = 0;
        for (BatchCursor at = default; at.Range < Count; calls++)
        {
            _ = BatchCutter.Cut(_ranges, at, _vector, ulong.MaxValue, out ulong bytes);
            at = BatchCutter.Advance(_ranges, at, bytes);
        }

        return calls;
    }
}
