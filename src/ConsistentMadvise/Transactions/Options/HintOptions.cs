namespace ConsistentMadvise;

/// <summary>How a plan is applied.</summary>
public sealed record HintOptions
{
    /// <summary>A thread that has not stopped waits for a processor, freeze or no freeze; those that have are held meanwhile.</summary>
    private static readonly TimeSpan UsualFreezeTimeout = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LimitWithoutBound = TimeSpan.FromSeconds(1);

    private readonly TimeSpan? _freezeTimeout;
    private readonly TimeSpan? _pauseLimit;

    /// <summary>Gets the default options.</summary>
    public static HintOptions Default { get; } = new();

    /// <summary>Gets which process runs the transaction. <see cref="TransactionHost.Caller"/> by default.</summary>
    /// <remarks>
    /// A caller that is stopped, throttled, dumping core, or collecting a large heap holds its target as long; by ptrace no other process can thaw it. With <see cref="TransactionHost.Helper"/> the command
    /// <c>cmadvise</c> runs the transaction, beside the caller's files or in <c>/usr/lib/consistent-madvise</c>, <c>/usr/local/bin</c> or <c>/usr/bin</c>: one process for all transactions of the caller, started with
    /// the first, in a session of its own and outside of the caller's cgroups where it may leave them, gone with the caller. The outcome and the exceptions are those of the caller's own transaction; a small transaction takes
    /// half as long again, some 0.5 ms, and times are by the helper's clock. It needs and has the rights of the caller when it was started; where these do not pass execve(2), or there is no such command, the outcome is
    /// <see cref="HintStatus.Refused"/>, <see cref="HintReason.HelperNotAvailable"/>. A helper that is killed in a transaction leaves the target running, and <see cref="HintReason.HelperExited"/>; the next
    /// transaction starts another.
    /// </remarks>
    public TransactionHost Host { get; init; }

    /// <summary>Gets how much of the layout must be unchanged. <see cref="LayoutMatch.Layout"/> by default.</summary>
    public LayoutMatch Match { get; init; }

    /// <summary>Gets what is done about a target that changes its layout meanwhile. <see cref="HintConsistency.Frozen"/> by default.</summary>
    public HintConsistency Consistency { get; init; }

    /// <summary>Gets whether a plan that raced under <see cref="HintConsistency.Optimistic"/> is applied once more under a freeze. False by default.</summary>
    /// <remarks>What the first attempt hinted wrongly stays hinted; <see cref="HintOutcome.HasRaced"/> reports it.</remarks>
    public bool FreezeAfterRace { get; init; }

    /// <summary>Gets how the target is held still. <see cref="FreezerKind.Auto"/> by default.</summary>
    public FreezerKind Freezer { get; init; }

    /// <summary>Gets the cgroup v2 directory to freeze with all that is in it, for a target that shares one; null for a group of the target's own.</summary>
    /// <remarks>For <see cref="FreezerKind.Cgroup"/> and <see cref="FreezerKind.Auto"/>. Refused unless the target is in it, and if the caller is, or if it has child groups.</remarks>
    public string? Cgroup { get; init; }

    /// <summary>Gets whether a freezer that outlives the caller may be used where no guard process is available. False by default.</summary>
    /// <remarks>Then the target stays frozen when the caller dies in a window, until <c>FreezeRecovery</c> or a person thaws it.</remarks>
    public bool AllowUnguardedFreeze { get; init; }

    /// <summary>Gets whether the outcome carries what the planned ranges held before and after: <see cref="HintOutcome.Effect"/>. False by default.</summary>
    /// <remarks>
    /// Measured while the target runs, at some 30 ms a resident GiB each time. That the kernel took advice is no proof that memory moved; with this, ranges
    /// that it could not move are not counted as advised: <see cref="RangeStatus.Shared"/>.
    /// </remarks>
    public bool MeasureEffect { get; init; }

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
    /// A budget, not a guarantee: freezing, the recheck and one call to the kernel cannot be cut short; <see cref="HintOutcome.LongestPause"/> is what was reached. Where these alone leave less than
    /// half of it, windows would be paid for and carry next to nothing: then the transaction stops with <see cref="HintReason.PauseTooShort"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan MaxPause
    {
        get;
        init => field = Positive(value, nameof(MaxPause));
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets how long the target's threads may take to come to rest, above zero; <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</summary>
    /// <remarks>
    /// Until it is set it follows from <see cref="MaxPause"/>: five times that up to 100 ms, but no less than <see cref="MaxPause"/>; 100 ms where the pause has no bound. A freeze that
    /// did not succeed by then is undone, and retried a few times after a rest.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan FreezeTimeout
    {
        get => _freezeTimeout ?? FollowFrom(MaxPause);
        init => _freezeTimeout = Positive(value, nameof(FreezeTimeout));
    }

    /// <summary>
    /// Gets how long the target may be held at most, whatever happens to the caller, above zero; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. A caller that is stopped, throttled,
    /// collecting garbage or dumping core does not thaw its target; when this has passed, the guard does.
    /// </summary>
    /// <remarks>
    /// Until it is set it follows from the others: five times <see cref="MaxPause"/>, and no less than <see cref="FreezeTimeout"/> and <see cref="MaxPause"/> together. Where the pause has no bound it is 1 s
    /// from the last call of process_madvise(2); a limit that is set is counted from the begin of the freeze. Kept for <see cref="FreezerKind.Cgroup"/> and <see cref="FreezerKind.Signal"/> by the command <c>cmadvise</c>, where that is
    /// installed beside the caller or in the system; a guard that is a shell keeps none, nor does <see cref="FreezerKind.Ptrace"/>, whose target is held until the process that traces it continues or dies: let that be a helper (<see cref="Host"/>), and what happens to the caller does not matter. None is kept either
    /// where the guard is stopped or throttled with the caller, since it could not leave the caller's cgroup.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan PauseLimit
    {
        get => _pauseLimit ?? LimitFrom(MaxPause, FreezeTimeout);
        init => _pauseLimit = Positive(value, nameof(PauseLimit));
    }

    /// <summary>Whether the limit was asked for explicitly.</summary>
    internal bool HasPauseLimit => _pauseLimit is not null;

    /// <summary>The limit, where it was asked for explicitly.</summary>
    internal TimeSpan? GivenPauseLimit => _pauseLimit;

    /// <summary>The timeout, where it was asked for explicitly.</summary>
    internal TimeSpan? GivenFreezeTimeout => _freezeTimeout;

    /// <summary>Gets how many bytes a window carries at most: tests need several windows without a clock.</summary>
    internal ulong MaxWindowBytes { get; init; } = ulong.MaxValue;

    internal FreezeRequest ToFreezeRequest() => new(Freezer, Cgroup, AllowUnguardedFreeze, Sharers) { PauseLimit = PauseLimit };

    private static TimeSpan LimitFrom(TimeSpan maxPause, TimeSpan freezeTimeout)
    {
        TimeSpan freeze = freezeTimeout == Timeout.InfiniteTimeSpan ? LimitWithoutBound : freezeTimeout;
        return maxPause == Timeout.InfiniteTimeSpan ? Longer(LimitWithoutBound, freeze)
            : maxPause > TimeSpan.MaxValue / 10 || freeze > TimeSpan.MaxValue / 10 ? Timeout.InfiniteTimeSpan
            : Longer(5 * maxPause, freeze + maxPause);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan FollowFrom(TimeSpan maxPause) =>
        maxPause == Timeout.InfiniteTimeSpan ? UsualFreezeTimeout
        : maxPause > UsualFreezeTimeout ? maxPause
        : TimeSpan.FromTicks(Math.Min(maxPause.Ticks * 5, UsualFreezeTimeout.Ticks));

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be above zero, or Timeout.InfiniteTimeSpan for no bound.");
}
