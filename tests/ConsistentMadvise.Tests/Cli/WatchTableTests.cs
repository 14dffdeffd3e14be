using ConsistentMadvise.Cli;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>What people are shown by watch, and how rates are counted.</summary>
public sealed class WatchTableTests
{
    [Fact]
    public async Task ShowEach_RowsOfEveryKind_IsOneTableAfterAnother()
    {
        WatchRow[] rows =
        [
            WatchRow.Of(new LayoutSequenceChange(LayoutSequenceChangeKind.Moved, At(4242, 100), At(4242, 350)), seconds: 0.5)
                with { Name = "worker\u001b[31m", Memory = new WatchedMemory(41 * 1024 * 1024, 8192) },
            WatchRow.Of(new LayoutSequenceChange(LayoutSequenceChangeKind.Replaced, At(7, 100), At(7, 30)), seconds: 0.5),
            WatchRow.Of(new LayoutSequenceChange(LayoutSequenceChangeKind.Appeared, default, At(8, 5000)), seconds: 0.5),
            WatchRow.Unchanged(At(9, 2)),
        ];
        using StringWriter output = new();
        using StringWriter error = new();
        WatchReport report = new(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(0.5), 4, 2, rows);

        CommandOutput shown = new(output, error, isTerminal: false);
        await shown.ShowEachAsync(new[] { report, report with { Rows = [] } }.ToAsyncEnumerable(), WatchTable.Title, WatchTable.Lines);

        Assert.Equal([250, 30, null, 0], rows.Select(static row => row.ChangesPerSecond));
        Assert.Equal([true, true, false, false], rows.Select(static row => row.HasChanged));
        Snapshot.Match(output.ToString());
    }

    [Fact]
    public void Of_SequenceThatWrapped_CountsOn() => Assert.Equal(
        3, WatchRow.Of(new LayoutSequenceChange(LayoutSequenceChangeKind.Moved, At(1, uint.MaxValue - 1), At(1, 4)), seconds: 1).ChangesPerSecond);

    private static LayoutSequence At(int pid, uint sequence) =>
        new(pid, new SequenceReading(SequenceState.Read, sequence, AddressSpaceId.None, ExecId: 1, VmaCount: 30, StartTime: 1));
}
