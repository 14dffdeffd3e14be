namespace ConsistentMadvise;

/// <summary>How a plan is applied.</summary>
public sealed record HintOptions
{
    /// <summary>Gets the default options.</summary>
    public static HintOptions Default { get; } = new();

    /// <summary>Gets how much of the layout must be unchanged. <see cref="LayoutMatch.Layout"/> by default.</summary>
    public LayoutMatch Match { get; init; }

    /// <summary>Gets what is done about a target that changes its layout meanwhile. <see cref="HintConsistency.Frozen"/> by default.</summary>
    public HintConsistency Consistency { get; init; }

    /// <summary>Gets whether a plan that raced under <see cref="HintConsistency.Optimistic"/> is applied once more under a freeze. False by default.</summary>
    /// <remarks>What the first attempt hinted wrongly stays hinted; <see cref="HintOutcome.HasRaced"/> tells that there was one.</remarks>
    public bool FreezeAfterRace { get; init; }

    /// <summary>Gets how the target is held still. <see cref="FreezerKind.Auto"/> by default.</summary>
    public FreezerKind Freezer { get; init; }

    /// <summary>Gets the cgroup v2 directory to freeze with all that is in it, for a target that shares one; null for a group of the target's own.</summary>
    /// <remarks>For <see cref="FreezerKind.Cgroup"/> and <see cref="FreezerKind.Auto"/>. Refused unless the target is in it, and if the caller is, or if it has child groups.</remarks>
    public string? Cgroup { get; init; }

    /// <summary>Gets whether a freezer that outlives the caller may be used where no guard process can be had. False by default.</summary>
    /// <remarks>Then the target stays frozen when the caller dies in a window, until <c>FreezeRecovery</c> or a person thaws it.</remarks>
    public bool AllowUnguardedFreeze { get; init; }

    /// <summary>Gets what is done about processes that share the target's address space. <see cref="SharerPolicy.Refuse"/> by default.</summary>
    public SharerPolicy Sharers { get; init; }

    /// <summary>Gets how long the target runs between two windows, zero or more; 10 ms by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan RestBetweenWindows
    {
        get;
        init => field = value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(RestBetweenWindows), value, "Must be zero or more.");
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Gets how long the target may be held still at a time, above zero; 10 ms by default, <see cref="Timeout.InfiniteTimeSpan"/> for no bound. A plan that
    /// needs longer is split into several windows, each rechecked.
    /// </summary>
    /// <remarks>
    /// A budget, not a guarantee: freezing, the recheck and one call to the kernel cannot be cut short. Each window makes some progress, and
    /// <see cref="HintOutcome.LongestPause"/> tells what was reached.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan MaxPause
    {
        get;
        init => field = Positive(value, nameof(MaxPause));
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets how long the target's threads may take to come to rest, above zero; 100 ms by default, <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan FreezeTimeout
    {
        get;
        init => field = Positive(value, nameof(FreezeTimeout));
    } = TimeSpan.FromMilliseconds(100);

    internal FreezeRequest ToFreezeRequest() => new(Freezer, Cgroup, AllowUnguardedFreeze, Sharers);

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be above zero, or Timeout.InfiniteTimeSpan for no bound.");
}
