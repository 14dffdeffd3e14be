namespace ConsistentMadvise;

/// <summary>What a freeze and a thaw cost the target by each freezer, as measured in this process, by how many threads there are.</summary>
/// <remarks>Begins with what the project's <c>freeze</c> benchmark measured on 2 processors of Linux 6.18: the relations travel, the microseconds are soon replaced.</remarks>
internal sealed class FreezeCosts
{
    /// <summary>The newest measurement counts for so much of the mean.</summary>
    private const double Weight = 1.0 / 8;

    /// <summary>One measurement counts as at most so many times the mean: a window in which the caller lost its processor says nothing about the freezer.</summary>
    private const double MaxSurprise = 4;

    private readonly Lock _gate = new();

    // Up to 4, 16, 128 threads, and more; microseconds.
    private readonly Dictionary<FreezerKind, double[]> _means = new()
    {
        [FreezerKind.Ptrace] = [150, 310, 1_700, 15_000],
        [FreezerKind.Cgroup] = [80, 160, 370, 3_000],
        [FreezerKind.Signal] = [130, 230, 1_150, 17_000],
    };

    /// <summary>The costs that all targets of this process share.</summary>
    public static FreezeCosts Shared { get; } = new();

    /// <summary>What a freeze and a thaw are expected to cost.</summary>
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
