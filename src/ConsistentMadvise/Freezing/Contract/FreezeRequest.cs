namespace ConsistentMadvise;

/// <summary>What the caller requests of the freeze.</summary>
/// <param name="Kind">How the target is to be frozen.</param>
/// <param name="Cgroup">The cgroup v2 directory to freeze with all its members; null for the target's own.</param>
/// <param name="AllowsUnguarded">Whether a freeze that outlives its caller may be made without a guard.</param>
/// <param name="Sharers">What is done about processes that share the address space.</param>
internal readonly record struct FreezeRequest(FreezerKind Kind, string? Cgroup = null, bool AllowsUnguarded = false, SharerPolicy Sharers = SharerPolicy.Refuse)
{
    /// <summary>The guard thaws after this time, whatever the caller does.</summary>
    public TimeSpan PauseLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The sharers that are frozen with the target.</summary>
    public IReadOnlyList<int> SharerPids { get; init; } = [];
}
