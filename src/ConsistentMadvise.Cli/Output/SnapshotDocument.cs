namespace ConsistentMadvise.Cli;

/// <summary>What <c>snapshot --json</c> prints.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Token">The token of the whole layout, independent of the filter.</param>
/// <param name="Sequence">The kernel's layout sequence; null if it could not be read or moved during the read.</param>
/// <param name="Vmas">The VMAs that the filter selects.</param>
internal sealed record SnapshotDocument(int Pid, string Token, uint? Sequence, VmaDocument[] Vmas);
