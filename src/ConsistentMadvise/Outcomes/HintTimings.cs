namespace ConsistentMadvise;

/// <summary>How long each step of a transaction took, summed over its windows, on the monotonic clock.</summary>
/// <param name="Precheck">Comparing the layout before the first freeze.</param>
/// <param name="Freeze">From the first request to stop until every thread had stopped.</param>
/// <param name="Recheck">Comparing the layout while frozen.</param>
/// <param name="Advise">Calling <c>process_madvise(2)</c>.</param>
/// <param name="Thaw">Thawing every thread.</param>
public readonly record struct HintTimings(TimeSpan Precheck, TimeSpan Freeze, TimeSpan Recheck, TimeSpan Advise, TimeSpan Thaw)
{
    /// <summary>Gets the time of comparing the layout before the first freeze.</summary>
    public TimeSpan Precheck { get; } = Precheck;

    /// <summary>Gets the time from the first request to stop until every thread had stopped.</summary>
    public TimeSpan Freeze { get; } = Freeze;

    /// <summary>Gets the time of comparing the layout while frozen.</summary>
    public TimeSpan Recheck { get; } = Recheck;

    /// <summary>Gets the time in <c>process_madvise(2)</c>.</summary>
    public TimeSpan Advise { get; } = Advise;

    /// <summary>Gets the time of thawing every thread.</summary>
    public TimeSpan Thaw { get; } = Thaw;

    /// <summary>Gets how long garbage collections suspended the calling process's threads during the other steps, as <see cref="GC.GetTotalPauseDuration"/> counts them.</summary>
    public TimeSpan Collections { get; internal init; }
}
