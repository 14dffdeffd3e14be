namespace ConsistentMadvise;

/// <summary>How long each step of a transaction took, summed over its windows, on the monotonic clock.</summary>
/// <param name="Precheck">Comparing the layout before anything was frozen.</param>
/// <param name="Freeze">From the first request to stop until every thread had stopped.</param>
/// <param name="Recheck">Comparing the layout while frozen.</param>
/// <param name="Advise">The calls of <c>process_madvise(2)</c>.</param>
/// <param name="Thaw">Letting every thread go.</param>
public readonly record struct HintTimings(TimeSpan Precheck, TimeSpan Freeze, TimeSpan Recheck, TimeSpan Advise, TimeSpan Thaw);
