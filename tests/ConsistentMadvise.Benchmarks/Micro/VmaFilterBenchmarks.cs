using BenchmarkDotNet.Attributes;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Matching every VMA of a .NET process.</summary>
public class VmaFilterBenchmarks
{
    private LayoutSnapshot? _layout;
    private VmaFilter? _filter;

    [Params("all", "anon,private,size>=64K", "file,!w,path=*.so*", "path=*a*b*c*d*")]
    public string Filter { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _layout = MapsTexts.Layout("dotnet");
        _filter = VmaFilter.Parse(Filter);
    }

    [Benchmark]
    public int MatchEveryVma()
    {
        int matched = 0;
        foreach (Vma vma in _layout!)
        {
            matched += _filter!.Matches(vma) ? 1 : 0;
        }

        return matched;
    }
}
