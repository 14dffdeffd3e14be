namespace ConsistentMadvise;

/// <summary>How long each step of a transaction took, summed over its windows, on the monotonic clock.</summary>
/// <param name="Precheck">Comparing the layout before the first freeze.</param>
/// <param name="Freeze">From the first request to stop until every thread had stopped.</param>
/// <param name="Recheck">Comparing the layout while frozen.</param>
/// <param name="Advise">Calling <c>process_madvise(2)</c>.</param>
/// <param name="Thaw">Thawing every thread.</param>
public readonly record struct HintTimings(TimeSpan Precheck, TimeSpan Freeze, TimeSpan Recheck, TimeSpan Advise, TimeSpan Thaw)
{
    /// <summary>Gets how long garbage collections suspended the calling process's threads during the other steps, as <see cref="GC.GetTotalPauseDuration"/> counts them.</summary>
    public TimeSpan Collections { get; init; }
}
