namespace ConsistentMadvise.Cli;

/// <summary>What <c>snapshot --json</c> prints.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Token">Stands for the whole layout, whatever the filter shows of it.</param>
/// <param name="Sequence">The kernel's layout sequence; null where it is not read.</param>
/// <param name="Vmas">The VMAs that the filter selects.</param>
internal sealed record SnapshotDocument(int Pid, string Token, ulong? Sequence, VmaDocument[] Vmas);
