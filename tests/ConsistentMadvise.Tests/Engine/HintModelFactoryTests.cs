namespace ConsistentMadvise.Tests;

/// <summary>What the tests of a user are made of.</summary>
public sealed class HintModelFactoryTests
{
    private static readonly AddressRange First = new(0x10000, 0x20000);
    private static readonly AddressRange Second = new(0x20000, 0x24000);

    [Fact]
    public void CreateOutcome_Ranges_SumsTheirBytes()
    {
        HintOutcome outcome = HintModelFactory.CreateOutcome(
            HintStatus.PartlyApplied,
            HintReason.SomeRangesFailed,
            [new RangeOutcome(First, RangeStatus.Advised, First.Length, 0), new RangeOutcome(Second, RangeStatus.Failed, 0, 12)],
            FreezerKind.Cgroup,
            windows: 3,
            longestPause: TimeSpan.FromMilliseconds(2));

        Assert.Equal((HintStatus.PartlyApplied, HintReason.SomeRangesFailed), (outcome.Status, outcome.Reason));
        Assert.Equal((0x14000ul, 0x10000ul), (outcome.BytesPlanned, outcome.BytesAdvised));
        Assert.Equal((FreezerKind.Cgroup, 3, TimeSpan.FromMilliseconds(2)), (outcome.Freezer, outcome.Windows, outcome.LongestPause));
        Assert.Equal(2, outcome.Ranges.Count);
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void CreateOutcome_EachStatus_HasIt(HintStatus status)
    {
        HintReason reason = status == HintStatus.Applied ? HintReason.None : HintReason.LayoutChanged;

        HintOutcome outcome = HintModelFactory.CreateOutcome(status, reason);

        Assert.Equal((status, reason), (outcome.Status, outcome.Reason));
        Assert.Null(outcome.Freezer);
    }

    [Fact]
    public void CreateOutcome_ImpossibleCombination_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => HintModelFactory.CreateOutcome(HintStatus.Unspecified));
        Assert.Throws<ArgumentOutOfRangeException>(() => HintModelFactory.CreateOutcome((HintStatus)99, HintReason.LayoutChanged));
        Assert.Throws<ArgumentException>(() => HintModelFactory.CreateOutcome(HintStatus.Applied, HintReason.LayoutChanged));
        Assert.Throws<ArgumentException>(() => HintModelFactory.CreateOutcome(HintStatus.Stale));
        Assert.Throws<ArgumentOutOfRangeException>(() => HintModelFactory.CreateOutcome(HintStatus.Applied, windows: -1));
    }

    [Fact]
    public void CreateEffectAndRecoveredFreeze_Values_AreThoseGiven()
    {
        HintEffect effect = HintModelFactory.CreateEffect(HintModelFactory.CreateMemoryUse(10), HintModelFactory.CreateMemoryUse(4));
        RecoveredFreeze freeze = HintModelFactory.CreateRecoveredFreeze(RecoveryStatus.Failed, new ProcessIdentity(7, 1, 2), FreezerKind.Signal, message: "EPERM");

        Assert.Equal(6ul, effect.LeftBytes);
        Assert.Equal((true, "process 7 (Signal): Failed, EPERM"), (freeze.MayBeFrozen, freeze.ToString()));
    }

    public static TheoryData<HintStatus> Statuses() => [.. Enum.GetValues<HintStatus>().Where(static status => status != HintStatus.Unspecified)];
}
