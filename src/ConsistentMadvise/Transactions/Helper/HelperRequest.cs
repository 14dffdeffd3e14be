using System.Text.Json;

namespace ConsistentMadvise;

/// <summary>What a host requests of its helper: how to apply a plan. The plan follows in the same message.</summary>
/// <remarks>
/// A request is cancelled by its number on its channel. A plan that the host itself made from a snapshot is known and needs no proof. Times are in ticks of 100 ns; null if they
/// follow from the others.
/// </remarks>
internal sealed record HelperRequest(
    long Number,
    bool IsPlanKnown,
    LayoutMatch Match,
    HintConsistency Consistency,
    bool FreezeAfterRace,
    FreezerKind Freezer,
    string? Cgroup,
    bool AllowUnguardedFreeze,
    bool MeasureEffect,
    SharerPolicy Sharers,
    long RestBetweenWindows,
    long MaxPause,
    long? FreezeTimeout,
    long? PauseLimit,
    ulong MaxWindowBytes)
{
    public static HelperRequest Of(long number, HintPlan plan, HintOptions options) => new(
        number,
        plan.Layout is not null,
        options.Match,
        options.Consistency,
        options.FreezeAfterRace,
        options.Freezer,
        options.Cgroup,
        options.AllowUnguardedFreeze,
        options.MeasureEffect,
        options.Sharers,
        options.RestBetweenWindows.Ticks,
        options.MaxPause.Ticks,
        options.GivenFreezeTimeout?.Ticks,
        options.GivenPauseLimit?.Ticks,
        options.MaxWindowBytes);

    /// <summary>Creates the options for a transaction in the process that reads this.</summary>
    public HintOptions ToOptions()
    {
        HintOptions options = new()
        {
            Match = Match,
            Consistency = Consistency,
            FreezeAfterRace = FreezeAfterRace,
            Freezer = Freezer,
            Cgroup = Cgroup,
            AllowUnguardedFreeze = AllowUnguardedFreeze,
            MeasureEffect = MeasureEffect,
            Sharers = Sharers,
            RestBetweenWindows = TimeSpan.FromTicks(RestBetweenWindows),
            MaxPause = TimeSpan.FromTicks(MaxPause),
            MaxWindowBytes = MaxWindowBytes,
        };
        options = FreezeTimeout is { } timeout ? options with { FreezeTimeout = TimeSpan.FromTicks(timeout) } : options;
        return PauseLimit is { } limit ? options with { PauseLimit = TimeSpan.FromTicks(limit) } : options;
    }

    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HelperJsonContext.Default.HelperRequest);
}
