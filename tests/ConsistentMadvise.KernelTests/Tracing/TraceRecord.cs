namespace ConsistentMadvise.KernelTests;

/// <summary>What was seen of a target and its caller.</summary>
/// <param name="TargetPid">The target.</param>
/// <param name="Threads">The threads that the target had when the trace began.</param>
/// <param name="Events">What happened, in its order: the target's calls that may change a layout, the caller's hints for the target, and marks.</param>
/// <param name="Lost">How many events the kernel had no room for. If there are any, nothing is decided by the others.</param>
internal sealed record TraceRecord(int TargetPid, IReadOnlyCollection<int> Threads, IReadOnlyList<TraceEvent> Events, long Lost);
