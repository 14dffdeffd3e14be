namespace ConsistentMadvise.Cli;

/// <summary>What <c>watch --json</c> prints: one for each process of a report.</summary>
/// <param name="TimeMicroseconds">When it was read, in microseconds since 1970 (UTC); the same for all of one report.</param>
/// <param name="Pid">The process.</param>
/// <param name="Name">Its name; null if it has exited since.</param>
/// <param name="Sequence">The kernel's layout sequence.</param>
/// <param name="ChangesPerSecond">Changes of the layout since the last report; null for a process that was not in it.</param>
/// <param name="Vmas">The number of VMAs, without <c>[vsyscall]</c>.</param>
/// <param name="ResidentBytes">The resident memory; null if it has exited since.</param>
/// <param name="HintableBytes">The private anonymous part of it; see <see cref="WatchedMemory"/>.</param>
internal sealed record WatchDocument(
    long TimeMicroseconds, int Pid, string? Name, uint Sequence, double? ChangesPerSecond, int Vmas, ulong? ResidentBytes, ulong? HintableBytes)
{
    public static WatchDocument Of(WatchReport report, WatchRow row) => new(
        (report.Time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        row.Sequence.Process.Pid,
        row.Name,
        row.Sequence.Sequence,
        row.ChangesPerSecond is { } rate ? Math.Round(rate, 3) : null,
        row.Sequence.VmaCount,
        row.Memory?.ResidentBytes,
        row.Memory?.HintableBytes);
}
