namespace ConsistentMadvise.Cli;

/// <summary>One report on the machine.</summary>
/// <param name="Time">When it was read.</param>
/// <param name="Elapsed">The time since the previous reading.</param>
/// <param name="Processes">How many processes are watched.</param>
/// <param name="Changed">How many of them have changed their layout.</param>
/// <param name="Rows">The processes to be shown, those that change most first.</param>
internal sealed record WatchReport(DateTimeOffset Time, TimeSpan Elapsed, int Processes, int Changed, IReadOnlyList<WatchRow> Rows);
