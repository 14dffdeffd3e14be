using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Compares a reading of the calling process with known facts: a wrong offset must not look like an unchanged target.</summary>
internal static class SequenceSelfCheck
{
    /// <summary>Other threads of this process map memory too: a number that only follows the count of mappings may go up each time in one round, but not in all.</summary>
    private const int Rounds = 4;

    public static SequenceAvailability Run(SequenceReader reader)
    {
        int self = Environment.ProcessId;
        if (!reader.TryRead(self, out SequenceReading last))
        {
            return Failed($"the calling process was not read ({last.State})");
        }

        // Through /proc/self, not by pid: /proc may be of another pid namespace.
        if (!ProcStat.TryRead(File.ReadAllBytes("/proc/self/stat"), out ProcStat stat) || stat.StartTime != last.StartTime)
        {
            return Failed($"its start time was read as {last.StartTime}, but is {stat.StartTime} in /proc/self/stat");
        }

        SequenceAvailability availability = SequenceAvailability.Available;
        for (int round = 0; round < Rounds && availability.IsAvailable; round++)
        {
            availability = MapAndUnmap(reader, ref last);
        }

        return availability;
    }

    private static SequenceAvailability MapAndUnmap(SequenceReader reader, ref SequenceReading last)
    {
        SequenceReading before = last;
        ulong page = (ulong)Environment.SystemPageSize;
        Errno errno = Kernel.MapPrivateAnonymous(page, out nint address);
        if (!errno.Ok)
        {
            return BpfLoader.Explain(errno, string.Empty);
        }

        bool isRead = reader.TryRead(Environment.ProcessId, out SequenceReading mapped);
        Kernel.Unmap(address, page);
        isRead &= reader.TryRead(Environment.ProcessId, out SequenceReading after);
        last = after;
        return !isRead ? Failed($"the calling process was not read ({after.State})")
            : !HasMoved(in before, in mapped, out uint moved) ? Failed($"mmap(2) moved the sequence by {moved}")
            : !HasMoved(in mapped, in after, out moved) ? Failed($"munmap(2) moved the sequence by {moved}")
            : after.VmaCount <= 0 ? Failed($"it has {after.VmaCount} VMAs")
            : after.AddressSpace != before.AddressSpace || after.ExecId != before.ExecId ? Failed("its address space differed between two reads")
            : SequenceAvailability.Available;
    }

    /// <summary>At least by the call that was made: those of other threads are added.</summary>
    private static bool HasMoved(in SequenceReading before, in SequenceReading after, out uint moved)
    {
        moved = unchecked(after.Sequence - before.Sequence);
        return moved is >= 2 and <= int.MaxValue;
    }

    private static SequenceAvailability Failed(string what) => new(
        SequenceObstacle.SelfCheckFailed, $"The layout sequence is not used: the self-check on the calling process failed: {what}.");
}
