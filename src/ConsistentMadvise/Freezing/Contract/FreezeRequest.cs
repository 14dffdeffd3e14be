namespace ConsistentMadvise;

/// <summary>What the caller asks of the freeze.</summary>
/// <param name="Kind">How the target is to be held.</param>
/// <param name="Cgroup">The cgroup v2 directory that is to be frozen with all that is in it; null for the target's own.</param>
/// <param name="AllowsUnguarded">Whether a freezer that outlives its caller may be used without a guard.</param>
/// <param name="Sharers">What is done about processes that share the address space.</param>
internal readonly record struct FreezeRequest(FreezerKind Kind, string? Cgroup = null, bool AllowsUnguarded = false, SharerPolicy Sharers = SharerPolicy.Refuse)
{
    /// <summary>After how long the guard thaws, whatever the caller does.</summary>
    public TimeSpan PauseLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The sharers that are frozen with the target.</summary>
    public IReadOnlyList<int> SharerPids { get; init; } = [];
}
