using BenchmarkDotNet.Attributes;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Parsing and hashing the lines of one process, by what kind of process it is.</summary>
public class MapsLineBenchmarks
{
    private byte[][] _lines = [];
    private byte[] _text = [];

    [ParamsSource(nameof(Texts))]
    public string Text { get; set; } = "";

    public static IEnumerable<string> Texts => MapsTexts.Names;

    [GlobalSetup]
    public void Setup()
    {
        _lines = MapsTexts.Lines(Text);
        _text = MapsTexts.Read(Text);
    }

    [Benchmark]
    public int ParseEveryLine()
    {
        int parsed = 0;
        VmaRecord vma = default;
        foreach (byte[] line in _lines)
        {
            parsed += MapsLine.TryParse(line, ref vma) == MapsLineError.None ? 1 : 0;
        }

        return parsed;
    }

    [Benchmark]
    public UInt128 HashEveryLine()
    {
        UInt128 hash = 0;
        foreach (byte[] line in _lines)
        {
            hash ^= MapsLineHash.Of(line);
        }

        return hash;
    }

    [Benchmark]
    public UInt128 HashTheText() => System.IO.Hashing.XxHash128.HashToUInt128(_text);
}
