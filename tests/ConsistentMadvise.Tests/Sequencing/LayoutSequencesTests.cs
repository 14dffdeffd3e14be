namespace ConsistentMadvise.Tests;

public sealed class LayoutSequencesTests
{
    private static readonly LayoutSequences Before = Of(Entry(10), Entry(20, sequence: 8), Entry(30));

    [Fact]
    public void ChangedSince_Itself_IsEmpty() => Assert.Empty(Before.ChangedSince(Before));

    [Fact]
    public void ChangedSince_EveryKindOfChange_IsReportedInPidOrder()
    {
        LayoutSequences now = Of(Entry(30, execId: 4), Entry(20, sequence: 14), Entry(5), Entry(40));
        Assert.Equal(
            ["appeared 5", "gone 10", "moved 20 by 6", "replaced 30", "appeared 40"],
            now.ChangedSince(Before).Select(static change => change.ToString()));
        Assert.Equal([0u, 0u, 6u, 0u, 0u], now.ChangedSince(Before).Select(static change => change.Delta));
        Assert.Equal([5, 10, 20, 30, 40], now.ChangedSince(Before).Select(static change => change.Process.Pid));
    }

    [Fact]
    public void ChangedSince_PidOfAnotherProcess_IsGoneAndAppeared()
    {
        LayoutSequences now = Of(Entry(10), Entry(20, sequence: 8, start: 50_000_000), Entry(30));
        IReadOnlyList<LayoutSequenceChange> changes = now.ChangedSince(Before);
        Assert.Equal(["gone 20", "appeared 20"], changes.Select(static change => change.ToString()));
        Assert.Equal([1ul, 5ul], changes.Select(static change => change.Process.StartTime));
    }

    [Fact]
    public void ChangedSince_SequenceThatWrapped_HasASmallDelta() =>
        Assert.Equal(6u, Of(Entry(1, sequence: 2)).ChangedSince(Of(Entry(1, sequence: uint.MaxValue - 3))).Single().Delta);

    [Fact]
    public void ChangedSince_AnotherAddressSpace_IsReplacedWhateverTheSequence() =>
        Assert.Equal(LayoutSequenceChangeKind.Replaced, Of(Entry(1, mm: 0x9000)).ChangedSince(Of(Entry(1))).Single().Kind);

    [Fact]
    public void ChangedSince_WriteInProgressBothTimes_HasZeroDelta()
    {
        LayoutSequenceChange change = Of(Entry(1, sequence: 7)).ChangedSince(Of(Entry(1, sequence: 7))).Single();
        Assert.Equal((LayoutSequenceChangeKind.Moved, 0u), (change.Kind, change.Delta));
        Assert.True(change.After.IsChanging);
    }

    [Fact]
    public void ChangedSince_FromAndToNothing_IsEveryProcess()
    {
        Assert.Equal(3, Before.ChangedSince(Of()).Count(static change => change.Kind == LayoutSequenceChangeKind.Appeared));
        Assert.Equal(3, Of().ChangedSince(Before).Count(static change => change.Kind == LayoutSequenceChangeKind.Gone));
    }

    [Fact]
    public void TryFind_ProcessByItsIdentity_IgnoresTheInodeOnly()
    {
        Assert.True(Before.TryFind(new ProcessIdentity(20, 1, 777), out LayoutSequence found));
        Assert.Equal(8u, found.Sequence);
        Assert.False(Before.TryFind(new ProcessIdentity(20, 2, 0), out _));
        Assert.False(Before.TryFind(new ProcessIdentity(21, 1, 0), out _));
        Assert.False(Of().TryFind(new ProcessIdentity(20, 1, 0), out _));
    }

    [Fact]
    public void Entries_AreInTheOrderOfPids()
    {
        LayoutSequences sequences = Of(Entry(3), Entry(1), Entry(2));
        Assert.Equal([1, 2, 3], sequences.Select(static entry => entry.Process.Pid));
        Assert.Equal(2, sequences[1].Process.Pid);
        Assert.Equal(20, sequences[1].VmaCount);
    }

    private static LayoutSequences Of(params LayoutSequence[] entries) => LayoutSequences.Of(entries);

    private static LayoutSequence Entry(int pid, uint sequence = 10, ulong mm = 0x1000, ulong execId = 3, ulong start = 10_000_000) =>
        new(pid, SequenceReadingTests.Read(sequence, mm, execId, start));
}
