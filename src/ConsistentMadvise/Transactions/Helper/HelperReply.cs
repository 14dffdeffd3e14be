using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>How a transaction ended in the helper: with an outcome, or with an exception.</summary>
/// <remarks>
/// Times are in ticks of 100 ns. The layout changes are not included: the host finds them itself once the target runs, as for a transaction of its own.
/// The members of <see cref="HintReport"/> are repeated, not held: nearly every one has another form on the wire. A test compares them all.
/// </remarks>
internal sealed record HelperReply
{
    public HelperFailure Failure { get; init; }

    public string Message { get; init; } = string.Empty;

    public HintStatus Status { get; init; }

    public HintReason Reason { get; init; }

    public ulong BytesPlanned { get; init; }

    public ulong BytesAdvised { get; init; }

    public ulong BytesEmpty { get; init; }

    public long PauseNeeded { get; init; }

    /// <summary>Whether every range was advised completely; then <see cref="Ranges"/> is omitted.</summary>
    public bool IsWhole { get; init; }

    public RangeResult[]? Ranges { get; init; }

    public EffectEntry? Effect { get; init; }

    /// <summary>Whether the helper found changes of the layout, for a plan that it compared with it.</summary>
    public bool HasChanges { get; init; }

    public FreezerKind? Freezer { get; init; }

    public string FreezerReason { get; init; } = string.Empty;

    public bool HasRaced { get; init; }

    public int Windows { get; init; }

    public int Overruns { get; init; }

    public long LongestPause { get; init; }

    public long TotalPause { get; init; }

    public TimingsEntry Timings { get; init; }

    public static HelperReply Of(HintOutcome outcome)
    {
        bool isWhole = outcome.Ranges.Count != 0
            && outcome.Ranges.All(static range => range.Status == RangeStatus.Advised && range.Errno == 0 && range.BytesAdvised == range.Range.Length);
        return new()
        {
            Message = outcome.Message,
            Status = outcome.Status,
            Reason = outcome.Reason,
            BytesPlanned = outcome.BytesPlanned,
            BytesAdvised = outcome.BytesAdvised,
            BytesEmpty = outcome.BytesEmpty,
            PauseNeeded = outcome.PauseNeeded.Ticks,
            IsWhole = isWhole,
            Ranges = isWhole ? null : [.. outcome.Ranges.Select(static range => new RangeResult(range.Status, range.BytesAdvised, range.Errno))],
            Effect = outcome.Effect is { } effect ? new EffectEntry(MemoryEntry.Of(effect.Before), MemoryEntry.Of(effect.After), effect.Errno) : null,
            HasChanges = outcome.Changes.Count != 0,
            Freezer = outcome.Freezer,
            FreezerReason = outcome.FreezerReason,
            HasRaced = outcome.HasRaced,
            Windows = outcome.Windows,
            Overruns = outcome.Overruns,
            LongestPause = outcome.LongestPause.Ticks,
            TotalPause = outcome.TotalPause.Ticks,
            Timings = TimingsEntry.Of(outcome.Timings),
        };
    }

    /// <summary>Creates the outcome for the plan that was sent. Never throws: ranges missing from the reply count as not attempted.</summary>
    public HintOutcome ToOutcome(HintPlan plan, LayoutDiff changes)
    {
        HintReport report = new()
        {
            Message = Message,
            BytesPlanned = BytesPlanned,
            BytesAdvised = BytesAdvised,
            BytesEmpty = BytesEmpty,
            PauseNeeded = TimeSpan.FromTicks(PauseNeeded),
            Ranges = RangesOf(plan),
            Effect = Effect is { } effect ? new HintEffect(effect.Before.ToUse(), effect.After.ToUse(), effect.Errno) : null,
            Changes = changes,
            Freezer = Freezer,
            FreezerReason = FreezerReason,
            HasRaced = HasRaced,
            Windows = Windows,
            Overruns = Overruns,
            LongestPause = TimeSpan.FromTicks(LongestPause),
            TotalPause = TimeSpan.FromTicks(TotalPause),
            Timings = Timings.ToTimings(),
        };
        return HintOutcome.Of(Status, Reason, report);
    }

    public static HelperReply? Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, HelperJsonContext.Default.HelperReply);

    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HelperJsonContext.Default.HelperReply);

    private RangeOutcome[] RangesOf(HintPlan plan)
    {
        RangeResult[] entries = Ranges ?? [];
        if (!IsWhole && entries.Length == 0)
        {
            return [];
        }

        RangeOutcome[] ranges = new RangeOutcome[plan.RangeArray.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            AddressRange range = plan.RangeArray[i];
            RangeResult entry = IsWhole ? new RangeResult(RangeStatus.Advised, range.Length, 0) : i < entries.Length ? entries[i] : default;
            ranges[i] = new RangeOutcome(range, entry.Status, entry.BytesAdvised, entry.Errno);
        }

        return ranges;
    }

    /// <summary>The result of a range; the range itself is in the plan.</summary>
    internal readonly record struct RangeResult(RangeStatus Status, ulong BytesAdvised, int Errno);

    /// <summary>See <see cref="HintEffect"/>.</summary>
    internal sealed record EffectEntry(MemoryEntry Before, MemoryEntry After, int Errno);

    /// <summary>See <see cref="MemoryUse"/>.</summary>
    internal readonly record struct MemoryEntry(ulong ResidentBytes, ulong SwappedBytes, ulong ExclusiveBytes, ulong? HugeBytes)
    {
        public static MemoryEntry Of(MemoryUse use) => new(use.ResidentBytes, use.SwappedBytes, use.ExclusiveBytes, use.HugeBytes);

        public MemoryUse ToUse() => new() { ResidentBytes = ResidentBytes, SwappedBytes = SwappedBytes, ExclusiveBytes = ExclusiveBytes, HugeBytes = HugeBytes };
    }

    /// <summary>See <see cref="HintTimings"/>.</summary>
    internal readonly record struct TimingsEntry(long Precheck, long Freeze, long Recheck, long Advise, long Thaw, long Collections)
    {
        public static TimingsEntry Of(HintTimings timings) => new(
            timings.Precheck.Ticks, timings.Freeze.Ticks, timings.Recheck.Ticks, timings.Advise.Ticks, timings.Thaw.Ticks, timings.Collections.Ticks);

        public HintTimings ToTimings() =>
            new(TimeSpan.FromTicks(Precheck), TimeSpan.FromTicks(Freeze), TimeSpan.FromTicks(Recheck), TimeSpan.FromTicks(Advise), TimeSpan.FromTicks(Thaw))
            {
                Collections = TimeSpan.FromTicks(Collections),
            };
    }
}
