namespace ConsistentMadvise;

/// <summary>The measured cost of a freeze and a thaw to the target, per freezer and number of threads, in this process.</summary>
/// <remarks>Starts with the results of the project's <c>freeze</c> benchmark on 2 processors with Linux 6.18: the ratios hold elsewhere; the microseconds are soon replaced by measured ones.</remarks>
internal sealed class FreezeCosts
{
    /// <summary>The weight of the newest measurement in the mean.</summary>
    private const double Weight = 1.0 / 8;

    /// <summary>A measurement counts as at most this multiple of the mean: a caller that was preempted inside a window says nothing about the freezer.</summary>
    private const double MaxSurprise = 4;

    private readonly Lock _gate = new();

    // For up to 4, 16, 128 threads, and for more; in microseconds.
    private readonly Dictionary<FreezerKind, double[]> _means = new()
    {
        [FreezerKind.Ptrace] = [150, 310, 1_700, 15_000],
        [FreezerKind.Cgroup] = [80, 160, 370, 3_000],
        [FreezerKind.Signal] = [130, 230, 1_150, 17_000],
    };

    /// <summary>The costs that all targets of this process share.</summary>
    public static FreezeCosts Shared { get; } = new();

    /// <summary>The expected cost of a freeze and a thaw.</summary>
    public TimeSpan Of(FreezerKind freezer, int threads)
    {
        lock (_gate)
        {
            return TimeSpan.FromMicroseconds(_means[freezer][ClassOf(threads)]);
        }
    }

    /// <summary>Adds a measurement.</summary>
    public void Add(FreezerKind freezer, int threads, TimeSpan cost)
    {
        lock (_gate)
        {
            ref double mean = ref _means[freezer][ClassOf(threads)];
            mean += Weight * (Math.Min(cost.TotalMicroseconds, MaxSurprise * mean) - mean);
        }
    }

    private static int ClassOf(int threads) => threads switch
    {
        <= 4 => 0,
        <= 16 => 1,
        <= 128 => 2,
        _ => 3,
    };
}
