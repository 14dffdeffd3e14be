using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares a reading of the calling process with known facts: a wrong offset must not look like an unchanged target.</summary>
internal static class SequenceSelfCheck
{
    public static SequenceAvailability Run(SequenceReader reader)
    {
        int self = Environment.ProcessId;
        if (!reader.TryRead(self, out SequenceReading before))
        {
            return Failed($"the calling process was not read ({before.State})");
        }

        // Through /proc/self, not by pid: /proc may be of another pid namespace.
        if (!ProcStat.TryRead(File.ReadAllBytes("/proc/self/stat"), out ProcStat stat) || stat.StartTime != before.StartTime)
        {
            return Failed($"its start time was read as {before.StartTime}, but is {stat.StartTime} in /proc/self/stat");
        }

        ulong page = (ulong)Environment.SystemPageSize;
        Errno errno = Kernel.MapPrivateAnonymous(page, out nint address);
        if (!errno.Ok)
        {
            return BpfLoader.Explain(errno, string.Empty);
        }

        bool isRead = reader.TryRead(self, out SequenceReading after);
        Kernel.Unmap(address, page);

        // At least: other threads of this process map memory too.
        uint moved = unchecked(after.Sequence - before.Sequence);
        return !isRead || moved is < 2 or > int.MaxValue ? Failed($"mmap(2) moved the sequence by {moved}")
            : after.VmaCount <= 0 ? Failed($"it has {after.VmaCount} VMAs")
            : after.AddressSpace != before.AddressSpace || after.ExecId != before.ExecId ? Failed("its address space differed between two reads")
            : SequenceAvailability.Available;
    }

    private static SequenceAvailability Failed(string what) => new(
        SequenceObstacle.SelfCheckFailed, $"The layout sequence is not used: the self-check on the calling process failed: {what}.");
}
