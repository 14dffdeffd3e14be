using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>What moves the sequence of one VMA: everything that changes it, fork, and nothing that happens elsewhere.</summary>
public sealed class VmaSequenceTests
{
    public static TheoryData<string> Own => [.. VmaOperation.All.Select(static operation => operation.Name)];

    public static TheoryData<string> Elsewhere => [.. SequenceOperation.All.Select(static operation => operation.Name)];

    [KernelTheory(Needs.Bpf | Needs.X64 | Needs.NiceCapability)]
    [MemberData(nameof(Own))]
    public void Vma_AnOperationOnIt_HasMovedOrNot(string name)
    {
        VmaOperation operation = VmaOperation.All.Single(operation => operation.Name == name);
        using SequenceTarget target = new();
        ulong planned = VmaOperation.MapPlanned(target);
        VmaReading before = Read(target, planned);
        Assert.Equal((planned, planned + 2 * SequenceTarget.Page), (before.Start, before.End));

        operation.Run(target, planned);

        VmaReading after = Read(target, planned);
        bool isThere = (after.Start, after.End) == (before.Start, before.End);
        Assert.Equal(operation.Moves, !isThere || after.WasLockedAfter(before.Sequence));
        Assert.Equal(operation.Moves, !isThere || after.LockedAt != before.LockedAt);
        target.Process.AssertRuns();
    }

    [KernelTheory(Needs.Bpf | Needs.X64 | Needs.NiceCapability)]
    [MemberData(nameof(Elsewhere))]
    public void Vma_AnOperationElsewhere_HasNotMoved(string name)
    {
        SequenceOperation operation = SequenceOperation.All.Single(operation => operation.Name == name);
        using SequenceTarget target = new();
        ulong planned = VmaOperation.MapPlanned(target);
        Action deed = operation.Prepare(target);
        VmaReading before = Read(target, planned);

        deed();

        VmaReading after = Read(target, planned);
        Assert.Equal((before.Start, before.End), (after.Start, after.End));
        Assert.Equal(name == "fork", after.WasLockedAfter(before.Sequence)); // the one false alarm: fork locks every VMA of the parent
        Assert.Equal(operation.Moves, before.Sequence != after.Sequence);
    }

    [KernelFact(Needs.Bpf | Needs.X64)]
    public void Vma_OfAForkedChild_CountsAsUntouched()
    {
        // A VMA that fork has copied was never locked: its number is the counter's last value, and not later than any other.
        using SequenceTarget target = new();
        ulong planned = VmaOperation.MapPlanned(target);
        int child = target.Process.Fork();
        VmaReading copy = Read(child, planned);
        Assert.Equal(planned, copy.Start);
        Assert.False(copy.WasLockedAfter(copy.Sequence));
        Assert.False(copy.WasLockedAfter(unchecked(copy.Sequence - 1000)) && copy.LockedAt == uint.MaxValue);
    }

    private static VmaReading Read(SequenceTarget target, ulong address) => Read(target.Process.Pid, address);

    private static VmaReading Read(int pid, ulong address)
    {
        SequenceAvailability availability = VmaSequenceReader.Get(out VmaSequenceReader? reader);
        Assert.True(reader is not null, availability.Reason);
        Assert.True(reader.TryRent(out VmaBatch batch));
        using (batch)
        {
            batch.Entries[0].Address = address;
            Assert.Equal(Errno.None, batch.Read(pid, 1, out SequenceReading process));
            Assert.Equal(SequenceState.Read, process.State);
            Assert.True(batch.Entries[0].IsSettled);
            return batch.Entries[0];
        }
    }
}
