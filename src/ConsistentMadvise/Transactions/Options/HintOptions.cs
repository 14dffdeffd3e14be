namespace ConsistentMadvise;

/// <summary>How a plan is applied.</summary>
public sealed record HintOptions
{
    /// <summary>A thread that has not stopped by then is waiting for a processor, with or without a freeze, and meanwhile the stopped threads are held.</summary>
    private static readonly TimeSpan UsualFreezeTimeout = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LimitWithoutBound = TimeSpan.FromSeconds(1);

    private readonly TimeSpan? _freezeTimeout;
    private readonly TimeSpan? _pauseLimit;

    /// <summary>Gets the default options.</summary>
    public static HintOptions Default { get; } = new();

    /// <summary>Gets which process runs the transaction. <see cref="TransactionHost.Caller"/> by default.</summary>
    /// <remarks>
    /// A caller that is stopped, throttled, dumping core, or collecting a large heap holds its target for as long; under ptrace no other process can thaw it. With <see cref="TransactionHost.Helper"/> the command
    /// <c>cmadvise</c> runs the transaction. It is found next to the caller's files or in <c>/usr/lib/consistent-madvise</c>, <c>/usr/local/bin</c> or <c>/usr/bin</c>. There is one helper for all transactions of the caller: it starts with
    /// the first, runs in its own session and outside the caller's cgroups if it may leave them, and exits with the caller. Outcomes and exceptions are the same as for a transaction of the caller itself; a small transaction takes
    /// half as long again, some 0.5 ms, and times are by the helper's clock. The helper needs, and has, the rights of the caller at its start; if these do not survive execve(2), or there is no such command, the outcome is
    /// <see cref="HintStatus.Refused"/>, <see cref="HintReason.HelperNotAvailable"/>. If a helper is killed in a transaction, the target keeps running, the reason is <see cref="HintReason.HelperExited"/>, and the next
    /// transaction starts another.
    /// </remarks>
    public TransactionHost Host { get; init; }

    /// <summary>Gets how much of the layout must be unchanged. <see cref="LayoutMatch.Layout"/> by default.</summary>
    public LayoutMatch Match { get; init; }

    /// <summary>Gets how layout changes of the target are handled. <see cref="HintConsistency.Frozen"/> by default.</summary>
    public HintConsistency Consistency { get; init; }

    /// <summary>Gets whether a plan that raced under <see cref="HintConsistency.Optimistic"/> is applied once more under a freeze. False by default.</summary>
    /// <remarks>Wrong hints of the first attempt remain in effect; <see cref="HintOutcome.HasRaced"/> reports that it raced.</remarks>
    public bool FreezeAfterRace { get; init; }

    /// <summary>Gets how the target is frozen. <see cref="FreezerKind.Auto"/> by default.</summary>
    public FreezerKind Freezer { get; init; }

    /// <summary>Gets the cgroup v2 directory to freeze with all its members, for a target that shares one; null for the target's own group.</summary>
    /// <remarks>For <see cref="FreezerKind.Cgroup"/> and <see cref="FreezerKind.Auto"/>. Refused unless the target is in it, if the caller is in it, or if it has child groups.</remarks>
    public string? Cgroup { get; init; }

    /// <summary>Gets whether a freezer that outlives the caller may be used if no guard process is available. False by default.</summary>
    /// <remarks>The target then stays frozen if the caller dies in a window, until <c>FreezeRecovery</c> or a person thaws it.</remarks>
    public bool AllowUnguardedFreeze { get; init; }

    /// <summary>Gets whether the outcome reports the memory in the planned ranges before and after: <see cref="HintOutcome.Effect"/>. False by default.</summary>
    /// <remarks>
    /// Measured while the target runs, at some 30 ms per resident GiB each time. That the kernel accepted advice does not prove that memory moved; with this option, ranges
    /// that it could not move do not count as advised: <see cref="RangeStatus.Shared"/>.
    /// </remarks>
    public bool MeasureEffect { get; init; }

    /// <summary>Gets how processes that share the target's address space are handled. <see cref="SharerPolicy.Refuse"/> by default.</summary>
    public SharerPolicy Sharers { get; init; }

    /// <summary>Gets how long the target runs between two windows, zero or more; 10 ms by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan RestBetweenWindows
    {
        get;
        init => field = value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(RestBetweenWindows), value, "The rest must be zero or more.");
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Gets how long the target may be frozen at a time, above zero; 10 ms by default, <see cref="Timeout.InfiniteTimeSpan"/> for no bound. A plan that
    /// needs longer is split into several windows, each rechecked.
    /// </summary>
    /// <remarks>
    /// A budget, not a guarantee: freezing, the recheck and one call to the kernel cannot be cut short; <see cref="HintOutcome.LongestPause"/> reports the actual maximum. If these alone leave less than
    /// half of it, windows would cost more than they carry: the transaction then stops with <see cref="HintReason.PauseTooShort"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan MaxPause
    {
        get;
        init => field = Positive(value, nameof(MaxPause));
    } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets how long the target's threads may take to come to rest, above zero; <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</summary>
    /// <remarks>
    /// Unless set, it follows from <see cref="MaxPause"/>: five times that, up to 100 ms, but no less than <see cref="MaxPause"/>; 100 ms if the pause has no bound. A freeze that
    /// did not succeed by then releases all threads, and is retried a few times after a rest.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan FreezeTimeout
    {
        get => _freezeTimeout ?? FollowFrom(MaxPause);
        init => _freezeTimeout = Positive(value, nameof(FreezeTimeout));
    }

    /// <summary>
    /// Gets the longest time that the target may be frozen, whatever happens to the caller, above zero; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. A caller that is stopped, throttled,
    /// collecting garbage or dumping core does not thaw its target; after this time, the guard does.
    /// </summary>
    /// <remarks>
    /// Unless set, it follows from the others: five times <see cref="MaxPause"/>, and no less than <see cref="FreezeTimeout"/> and <see cref="MaxPause"/> together. If the pause has no bound, it is 1 s
    /// from the last call of process_madvise(2); a limit that is set counts from the start of the freeze. For <see cref="FreezerKind.Cgroup"/> and <see cref="FreezerKind.Signal"/> the command <c>cmadvise</c> enforces it, if that is
    /// installed next to the caller or in the system; a shell as the guard enforces none. Nor is one enforced for <see cref="FreezerKind.Ptrace"/>, whose target is held until the tracing process continues or dies: run the transaction in a helper (<see cref="Host"/>), and the caller's state does not matter. None is enforced either
    /// if the guard could not leave the caller's cgroup, and is stopped or throttled with the caller.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, or negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan PauseLimit
    {
        get => _pauseLimit ?? LimitFrom(MaxPause, FreezeTimeout);
        init => _pauseLimit = Positive(value, nameof(PauseLimit));
    }

    /// <summary>Whether the limit was set explicitly.</summary>
    internal bool HasPauseLimit => _pauseLimit is not null;

    /// <summary>The limit, if it was set explicitly.</summary>
    internal TimeSpan? GivenPauseLimit => _pauseLimit;

    /// <summary>The timeout, if it was set explicitly.</summary>
    internal TimeSpan? GivenFreezeTimeout => _freezeTimeout;

    /// <summary>Gets the maximum bytes of a window: tests need several windows without a clock.</summary>
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
