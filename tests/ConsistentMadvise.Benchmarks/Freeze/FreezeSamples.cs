namespace ConsistentMadvise.Benchmarks;

/// <summary>Freezes and thaws of one kind.</summary>
internal sealed class FreezeSamples
{
    private readonly Samples _freeze = new();
    private readonly Samples _thaw = new();

    public Samples Sum { get; } = new();

    public void Add((TimeSpan Freeze, TimeSpan Thaw) taken, bool isWarmup)
    {
        if (!isWarmup)
        {
            _freeze.Add(taken.Freeze);
            _thaw.Add(taken.Thaw);
            Sum.Add(taken.Freeze + taken.Thaw);
        }
    }

    public override string ToString() => double.IsNaN(Sum.Median) ? "     -      - |      -      -" : $"{_freeze.Median,6:N0} {_thaw.Median,6:N0} | {Sum.Median,6:N0} {Sum.At(0.9),6:N0}";
}
