namespace ConsistentMadvise.Tests;

/// <summary>Each of two places fitted into the 16 bits of an eBPF offset, and their sum did not.</summary>
public sealed class ASequenceFarInsideAStructureThrewFromItsReader
{
    [Theory]
    [InlineData(32766, 1, true)]
    [InlineData(32767, 0, true)]
    [InlineData(32767, 1, false)]
    [InlineData(32000, 32000, false)]
    public void Read_PlacesWhoseSumIsBeyondAnOffset_AreRefused(int outer, int inner, bool isFound)
    {
        SequenceAvailability availability = SequenceSymbolReader.Read(Make((uint)outer, (uint)inner), out SequenceSymbols? symbols);

        Assert.Equal(isFound ? SequenceObstacle.None : SequenceObstacle.FieldMissing, availability.Obstacle);
        Assert.Equal(isFound ? outer + inner : null, (int?)symbols?.MmLockSequence);
    }

    private static byte[] Make(uint outer, uint inner)
    {
        TestBtf types = new();
        uint number = types.Int("int", 4), large = types.Int("long", 8), pointer = types.Pointer();
        types.Struct("task_struct", ("mm", pointer, 0), ("pid", number, 64), ("tgid", number, 96), ("start_boottime", large, 128), ("self_exec_id", large, 192));
        uint sequence = types.Struct("seqcount", ("sequence", number, inner * 8));
        types.Struct("mm_struct", ("map_count", number, 64), ("mm_lock_seq", sequence, outer * 8));
        types.Function("bpf_task_from_vpid");
        types.Function("bpf_task_release");
        return types.ToArray();
    }
}
