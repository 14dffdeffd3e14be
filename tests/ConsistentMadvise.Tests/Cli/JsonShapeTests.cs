using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ConsistentMadvise.Cli;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>The JSON of each command: scripts hold on to these names.</summary>
public sealed class JsonShapeTests
{
    private static readonly LayoutSnapshot Before = TestLayout.Of(
        "00010000-00020000 r-xp 00001000 fe:00 7                                  /bin/x",
        "7f0000020000-7f0000030000 rw-p 00000000 00:00 0                                  [heap]",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");

    private static readonly LayoutSnapshot After = TestLayout.Of(
        "00010000-00020000 r--p 00001000 fe:00 7                                  /bin/x",
        "7f0000040000-7f0000050000 rw-p 00000000 00:00 0 ",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");

    private static readonly HintPlan Plan = HintPlan.Create(Before, Advice.PageOut, VmaFilter.All);

    private static readonly HintReport Report = new()
    {
        Message = "Some ranges were skipped or advised only in part.",
        Timings = new HintTimings(
            TimeSpan.FromMicroseconds(10), TimeSpan.FromMicroseconds(350), TimeSpan.FromMicroseconds(2.5), TimeSpan.FromMicroseconds(900), TimeSpan.FromMicroseconds(40)),
        BytesPlanned = 131072,
        BytesAdvised = 65536,
        Ranges =
        [
            new RangeOutcome(new AddressRange(0x10000, 0x20000), RangeStatus.Advised, 65536, 0),
            new RangeOutcome(new AddressRange(0x7f0000020000, 0x7f0000030000), RangeStatus.Skipped, 0, 22),
        ],
        Effect = new HintEffect(
            new MemoryUse { ResidentBytes = 65536, ExclusiveBytes = 61440, HugeBytes = 0 },
            new MemoryUse { ResidentBytes = 4096, SwappedBytes = 61440, HugeBytes = 0 },
            errno: 0),
        Freezer = FreezerKind.Ptrace,
        FreezerReason = "ptrace: asked for explicitly",
        Windows = 2,
        LongestPause = TimeSpan.FromMicroseconds(1234.5),
        TotalPause = TimeSpan.FromMicroseconds(2000),
    };

    [Fact]
    public void Snapshot_Document() =>
        Snapshot.Match(Text(
            new SnapshotDocument(4242, Before.Token.ToString(), null, [.. Before.Select(VmaDocument.Of)]), JsonContext.Default.SnapshotDocument));

    [Fact]
    public void Apply_PartlyApplied() => Match(HintOutcome.PartlyApplied(HintReason.SomeRangesFailed, Report), new HintOptions { Match = LayoutMatch.Ranges });

    [Fact]
    public void Apply_Stale() => Match(
        HintOutcome.Stale(HintReason.LayoutChanged, new HintReport { BytesPlanned = 131072, Changes = Before.DiffTo(After) }),
        new HintOptions { Consistency = HintConsistency.Unchecked });

    [Fact]
    public void Apply_DryRun() => Snapshot.Match(Text(
        ApplyDocument.OfDryRun(HintPlan.Create(Before, Advice.Cold, VmaFilter.Parse("heap")), HintOptions.Default), JsonContext.Default.ApplyDocument));

    [Fact]
    public void Check_Document() => Snapshot.Match(Text(new CheckDocument(true, 0, "The token holds.", "layout", []), JsonContext.Default.CheckDocument));

    [Fact]
    public void Failure_Document() => Snapshot.Match(Text(
        new FailureDocument("targetExited", "notFound", 4, 4242, "Process 4242 cannot be a target: there is no such process (any more)."), JsonContext.Default.FailureDocument));

    [Fact]
    public void Watch_Document() => Snapshot.Match(Text(
        new WatchDocument(1_700_000_000_000_000, 4242, "a\u001bb", 77, 12.5, 300, 40960, 8192), JsonContext.Default.WatchDocument));

    [Fact]
    public void Doctor_Document() => Snapshot.Match(Text(
        new DoctorDocument("6.18.0", [new DoctorDocument.FeatureEntry("swap", "missing", "any", "none", "less")]), JsonContext.Default.DoctorDocument));

    [Fact]
    public void Recover_Document()
    {
        JournalEntry entry = new(new JournalEntryHead(true, FreezerKind.Cgroup, 4242, 123456, 77), new BytePath("/sys/fs/cgroup/a\u001bb"));

        Snapshot.Match(
            Text(RecoverDocument.Of(new RecoveredFreeze(RecoveryStatus.ThawedByGuard, entry, 4711)), JsonContext.Default.RecoverDocument)
            + Text(RecoverDocument.Of(new RecoveredFreeze(RecoveryStatus.Failed, entry, 4711, "EPERM")), JsonContext.Default.RecoverDocument));
    }

    [Fact]
    public void Path_HostileBytes_StaysOneLineOfJson()
    {
        LayoutSnapshot layout = TestLayout.Of("00010000-00020000 rw-p 00000000 fe:00 7                                  /tmp/\u001b[31m\"\u202e\\012");

        string text = Text(VmaDocument.Of(layout[0]), JsonContext.Default.VmaDocument);

        Assert.All(text.TrimEnd('\n'), static c => Assert.InRange(c, ' ', '~'));
        using JsonDocument document = JsonDocument.Parse(text);
        Assert.Equal("/tmp/\u001b[31m\"\u202e\\012", document.RootElement.GetProperty("path").GetString());
    }

    private static void Match(HintOutcome outcome, HintOptions options) => Snapshot.Match(Text(ApplyDocument.Of(Plan, outcome, options), JsonContext.Default.ApplyDocument));

    private static string Text<T>(T document, JsonTypeInfo<T> type)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        new CommandOutput(output, error, isTerminal: false).Json(document, type);
        Assert.Empty(error.ToString());
        return output.ToString();
    }
}
