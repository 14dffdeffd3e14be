namespace ConsistentMadvise.Tests;

public sealed class SequenceReadingTests
{
    [Fact]
    public void IsUnchangedSince_EqualAndEven_IsTrue() => Assert.True(Read().IsUnchangedSince(Read()));

    [Fact]
    public void IsUnchangedSince_AnythingElse_IsFalse()
    {
        SequenceReading earlier = Read();
        Assert.False(Read(sequence: 12).IsUnchangedSince(earlier));
        Assert.False(Read(mm: 0x2000).IsUnchangedSince(earlier));
        Assert.False(Read(execId: 4).IsUnchangedSince(earlier));
        Assert.False(Read(start: 20_000_000).IsUnchangedSince(earlier));
        Assert.False(Read(state: SequenceState.Replaced).IsUnchangedSince(earlier));
        Assert.False(Read().IsUnchangedSince(Read(state: SequenceState.Replaced)));
        Assert.False(default(SequenceReading).IsUnchangedSince(default));
    }

    [Fact]
    public void IsUnchangedSince_WriterInsideBothTimes_IsFalse()
    {
        Assert.True(Read(sequence: 11).IsWriting);
        Assert.False(Read(sequence: 10).IsWriting);
        Assert.False(Read(sequence: 11).IsUnchangedSince(Read(sequence: 11)));
    }

    [Fact]
    public void AddressSpaceId_OfOneAddress_IsEqualAndDoesNotShowIt()
    {
        const ulong Mm = 0xffff_8881_0006_be80;
        AddressSpaceId id = AddressSpaceId.Of(Mm);
        Assert.Equal(id, AddressSpaceId.Of(Mm));
        Assert.NotEqual(id, AddressSpaceId.Of(Mm + 64));
        Assert.NotEqual(id, AddressSpaceId.None);
        Assert.Equal(AddressSpaceId.None, AddressSpaceId.Of(0));
        Assert.Equal("opaque", id.ToString());
        Assert.DoesNotContain("8881", Read(mm: Mm).ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AddressSpaceId_OfManyAddresses_NeverMeet()
    {
        HashSet<AddressSpaceId> ids = [.. Enumerable.Range(1, 100_000).Select(static i => AddressSpaceId.Of((ulong)i * 64))];
        Assert.Equal(100_000, ids.Count);
    }

    internal static SequenceReading Read(
        uint sequence = 10, ulong mm = 0x1000, ulong execId = 3, ulong start = 10_000_000, SequenceState state = SequenceState.Read, int vmas = 20)
    {
        SequenceSlot slot = new() { State = state, Sequence = sequence, Mm = mm, ExecId = execId, StartBoottime = start, VmaCount = vmas };
        return SequenceReading.From(in slot);
    }
}
