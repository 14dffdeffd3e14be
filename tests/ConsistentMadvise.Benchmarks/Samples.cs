using System.Diagnostics;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Durations of one thing that was done many times, in microseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => At(0.5);

    public void Measure(Action action)
    {
        long begin = Stopwatch.GetTimestamp();
        action();
        AddSince(begin);
    }

    public void Add(TimeSpan duration) => _values.Add(duration.TotalMicroseconds);

    public void AddSince(long begin) => Add(Stopwatch.GetElapsedTime(begin));

    public int CountAbove(double microseconds) => _values.Count(value => value > microseconds);

    /// <summary>The value that this share of all stays below, or at.</summary>
    public double At(double share)
    {
        _values.Sort();
        return _values.Count == 0 ? double.NaN : _values[(int)((_values.Count - 1) * share)];
    }
}
