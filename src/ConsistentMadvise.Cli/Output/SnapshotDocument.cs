namespace ConsistentMadvise.Cli;

/// <summary>What <c>snapshot --json</c> prints.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Token">Stands for the whole layout, whatever the filter shows of it.</param>
/// <param name="Sequence">The kernel's layout sequence; null where it could not be read, or moved meanwhile.</param>
/// <param name="Vmas">The VMAs that the filter selects.</param>
internal sealed record SnapshotDocument(int Pid, string Token, uint? Sequence, VmaDocument[] Vmas);
