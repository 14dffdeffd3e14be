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

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be above zero, or Timeout.InfiniteTimeSpan for no bound.");
}
