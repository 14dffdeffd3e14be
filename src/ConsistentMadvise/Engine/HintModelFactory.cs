namespace ConsistentMadvise;

/// <summary>Creates values that otherwise only transactions return, for tests of code that handles them.</summary>
public static class HintModelFactory
{
    /// <summary>Makes an outcome.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="reason">Why the plan was not applied completely.</param>
    /// <param name="ranges">The outcome of each range; the bytes of the outcome are theirs.</param>
    /// <param name="freezer">The freezer that was used; null if nothing was frozen.</param>
    /// <param name="windows">How often the target was frozen.</param>
    /// <param name="longestPause">The longest time that the target was frozen.</param>
    /// <param name="totalPause">The total time that the target was frozen.</param>
    /// <param name="timings">How long each step took.</param>
    /// <param name="effect">The memory use before and after; null if it was not measured.</param>
    /// <param name="message">The sentence for a log.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is <see cref="HintStatus.Unspecified"/> or unknown, or the number of windows is negative.</exception>
    /// <exception cref="ArgumentException">An applied plan has a reason, or another status has none.</exception>
    /// <example>
    /// <code>
    /// HintOutcome stale = HintModelFactory.CreateOutcome(HintStatus.Stale, HintReason.LayoutChanged);
    /// Assert.True(scheduler.MustPlanAgain(stale));
    /// </code>
    /// </example>
    public static HintOutcome CreateOutcome(
        HintStatus status, HintReason reason = HintReason.None, IEnumerable<RangeOutcome>? ranges = null, FreezerKind? freezer = null, int windows = 0,
        TimeSpan longestPause = default, TimeSpan totalPause = default, HintTimings timings = default, HintEffect? effect = null, string message = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(windows);
        if (status == HintStatus.Unspecified || !Enum.IsDefined(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "Use a defined status other than Unspecified.");
        }

        if ((status == HintStatus.Applied) != (reason == HintReason.None))
        {
            throw new ArgumentException($"An outcome of status {status} has {(status == HintStatus.Applied ? "no reason" : "a reason")}.", nameof(reason));
        }

        RangeOutcome[] all = [.. ranges ?? []];
        HintReport report = new()
        {
            Message = message,
            BytesPlanned = all.Aggregate(0ul, static (sum, range) => sum + range.Range.Length),
            BytesAdvised = all.Aggregate(0ul, static (sum, range) => sum + range.BytesAdvised),
            Ranges = all,
            Effect = effect,
            Freezer = freezer,
            Windows = windows,
            LongestPause = longestPause,
            TotalPause = totalPause,
            Timings = timings,
        };
        return HintOutcome.Of(status, reason, report);
    }

    /// <summary>Makes the memory use of a plan's ranges at one moment.</summary>
    /// <param name="residentBytes">Bytes in memory.</param>
    /// <param name="swappedBytes">Bytes in swap.</param>
    /// <param name="exclusiveBytes">Bytes in memory that are mapped once.</param>
    /// <param name="hugeBytes">Bytes in huge pages; null if they were not counted.</param>
    public static MemoryUse CreateMemoryUse(ulong residentBytes, ulong swappedBytes = 0, ulong exclusiveBytes = 0, ulong? hugeBytes = null) =>
        new() { ResidentBytes = residentBytes, SwappedBytes = swappedBytes, ExclusiveBytes = exclusiveBytes, HugeBytes = hugeBytes };

    /// <summary>Makes the memory use of a plan's ranges before and after a transaction.</summary>
    /// <param name="before">Before the first window.</param>
    /// <param name="after">After the thaw.</param>
    /// <param name="errno">The error that prevented the measurement; 0 if it was measured.</param>
    public static HintEffect CreateEffect(MemoryUse before, MemoryUse after, int errno = 0) => new(before, after, errno);

    /// <summary>Makes a recovered freeze.</summary>
    /// <param name="status">What became of it.</param>
    /// <param name="process">The process that was to be frozen.</param>
    /// <param name="freezer">What froze it; null when its journal could not be read.</param>
    /// <param name="cgroup">The cgroup's directory; null for a freeze by signal.</param>
    /// <param name="ownerPid">The process that froze it; 0 when that is not known.</param>
    /// <param name="message">Why it failed.</param>
    public static RecoveredFreeze CreateRecoveredFreeze(
        RecoveryStatus status, ProcessIdentity process, FreezerKind? freezer, string? cgroup = null, int ownerPid = 0, string message = "") =>
        new(status, process, freezer, cgroup, ownerPid, message);
}
