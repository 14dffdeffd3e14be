namespace ConsistentMadvise.Cli;

/// <summary>What <c>recover --json</c> prints: one for each freeze found in a journal.</summary>
/// <param name="Pid">The process of the freeze; 0 if its journal could not be read.</param>
/// <param name="StartTime">Its start time in clock ticks since boot.</param>
/// <param name="Freezer">The freezer; none if its journal could not be read.</param>
/// <param name="Cgroup">The cgroup's directory; null for a freeze by signal.</param>
/// <param name="Status">What became of it.</param>
/// <param name="MayBeFrozen">Whether it may still be frozen with no engine or guard to thaw it.</param>
/// <param name="OwnerPid">The process that froze it.</param>
/// <param name="Message">Why it failed; null if it did not.</param>
internal sealed record RecoverDocument(
    int Pid, ulong StartTime, string Freezer, string? Cgroup, string Status, bool MayBeFrozen, int OwnerPid, string? Message)
{
    public static RecoverDocument Of(RecoveredFreeze freeze) => new(
        freeze.Process.Pid,
        freeze.Process.StartTime,
        JsonName.OrNone(freeze.Freezer),
        freeze.Cgroup,
        JsonName.Of(freeze.Status),
        freeze.MayBeFrozen,
        freeze.OwnerPid,
        freeze.Message.Length == 0 ? null : freeze.Message);
}
