using System.Reflection;
using System.Text.Json;

namespace ConsistentMadvise.Tests;

/// <summary>Every option and every member of an outcome survives the way between a host and its helper.</summary>
public sealed class HelperMessagesTests
{
    private static readonly HintPlan Plan = HintPlan.Create(
        TestLayout.Of("10000-20000 rw-p 00000000 00:00 0 ", "30000-40000 rw-p 00000000 00:00 0 "), Advice.Cold, static _ => true, StoppedClock.PlanAt(TestLayout.CapturedAt));

    [Fact]
    public void Request_OfDefaultOptions_GivesThemBack() => Assert.Equal(HintOptions.Default, Send(HintOptions.Default));

    /// <remarks>By reflection: an option that is added and not sent is found.</remarks>
    [Fact]
    public void Request_OfOptionsThatAreAllOthers_GivesThemBack()
    {
        HintOptions options = new()
        {
            Match = LayoutMatch.Ranges,
            Consistency = HintConsistency.Optimistic,
            FreezeAfterRace = true,
            Freezer = FreezerKind.Cgroup,
            Cgroup = "/sys/fs/cgroup/a \"b\"\n\u00e9",
            AllowUnguardedFreeze = true,
            MeasureEffect = true,
            Sharers = SharerPolicy.Freeze,
            RestBetweenWindows = TimeSpan.FromTicks(1),
            MaxPause = Timeout.InfiniteTimeSpan,
            FreezeTimeout = TimeSpan.FromTicks(12345),
            PauseLimit = TimeSpan.MaxValue,
            MaxWindowBytes = 4096,
        };
        PropertyInfo[] sent = [.. typeof(HintOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static property => property is { CanWrite: true, Name: not nameof(HintOptions.Host) })];

        Assert.All(sent, property => Assert.NotEqual(property.GetValue(HintOptions.Default), property.GetValue(options)));
        Assert.Equal(options, Send(options));
    }

    /// <remarks>By reflection: a member that is added and not sent is found.</remarks>
    [Theory]
    [InlineData(HintStatus.Applied)]
    [InlineData(HintStatus.PartlyApplied)]
    [InlineData(HintStatus.Stale)]
    [InlineData(HintStatus.FreezeTimedOut)]
    [InlineData(HintStatus.TargetExited)]
    [InlineData(HintStatus.Refused)]
    [InlineData(HintStatus.Raced)]
    public void Reply_OfAnOutcome_GivesItBack(HintStatus status)
    {
        HintReport report = new()
        {
            Message = "a message \"with\" quotes",
            BytesPlanned = ulong.MaxValue,
            BytesAdvised = 2,
            BytesEmpty = 3,
            PauseNeeded = TimeSpan.FromTicks(4),
            Ranges = [new RangeOutcome(Plan.Ranges[0], RangeStatus.Failed, 5, 6), new RangeOutcome(Plan.Ranges[1], RangeStatus.Advised, Plan.Ranges[1].Length, 0)],
            Effect = new HintEffect(new MemoryUse { ResidentBytes = 7, SwappedBytes = 8, ExclusiveBytes = 9, HugeBytes = 10 }, new MemoryUse { ResidentBytes = 11 }, 12),
            Freezer = FreezerKind.Signal,
            FreezerReason = "why",
            HasRaced = true,
            Windows = 13,
            Overruns = 14,
            LongestPause = TimeSpan.FromTicks(15),
            TotalPause = TimeSpan.FromTicks(16),
            Timings = new HintTimings(TimeSpan.FromTicks(17), TimeSpan.FromTicks(18), TimeSpan.FromTicks(19), TimeSpan.FromTicks(20), TimeSpan.FromTicks(21)) { Collections = TimeSpan.FromTicks(22) },
        };
        HintOutcome outcome = HintOutcome.Of(status, HintReason.PauseTooShort, report);
        PropertyInfo[] sent = [.. typeof(HintReport).GetProperties().Where(static property => property is { CanWrite: true, Name: not nameof(HintReport.Changes) })];

        Assert.All(sent, property => Assert.NotEqual(property.GetValue(new HintReport()), property.GetValue(report)));
        AssertSame(outcome, Send(outcome));
    }

    [Fact]
    public void Reply_OfAPlanThatWasAppliedAsAWhole_LeavesTheRangesOut()
    {
        HintOutcome outcome = HintOutcome.Applied(new HintReport { Ranges = [.. Plan.Ranges.Select(static range => new RangeOutcome(range, RangeStatus.Advised, range.Length, 0))] });

        Assert.Null(HelperReply.Of(outcome).Ranges);
        AssertSame(outcome, Send(outcome));
    }

    private static HintOptions Send(HintOptions options)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(HelperRequest.Of(1, Plan, options), HelperJsonContext.Default.HelperRequest);
        return JsonSerializer.Deserialize(json, HelperJsonContext.Default.HelperRequest)!.ToOptions();
    }

    private static HintOutcome Send(HintOutcome outcome) =>
        HelperReply.Read(JsonSerializer.SerializeToUtf8Bytes(HelperReply.Of(outcome), HelperJsonContext.Default.HelperReply))!.ToOutcome(Plan, LayoutDiff.Empty);

    private static void AssertSame(HintOutcome one, HintOutcome other)
    {
        foreach (PropertyInfo property in typeof(HintOutcome).GetProperties().Where(static property => property.Name != nameof(HintOutcome.Effect)))
        {
            Assert.Equal(property.GetValue(one), property.GetValue(other));
        }

        Assert.Equal((one.Effect?.Before, one.Effect?.After, one.Effect?.Errno), (other.Effect?.Before, other.Effect?.After, other.Effect?.Errno));
    }
}
