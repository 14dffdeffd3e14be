using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

public sealed class ExitCodeTests
{
    private static readonly HintReport Report = new();

    [Fact]
    public void Of_EveryWayToEnd_IsTheDocumentedCode()
    {
        Assert.Equal(0, ExitCode.Of(HintOutcome.Applied(Report)));
        Assert.Equal(3, ExitCode.Of(HintOutcome.Stale(HintReason.PlanExpired, Report)));
        Assert.Equal(4, ExitCode.Of(HintOutcome.TargetExited(HintReason.PidReused, Report)));
        Assert.Equal(5, ExitCode.Of(HintOutcome.Refused(HintReason.CgroupNotUsable, Report)));
        Assert.Equal(6, ExitCode.Of(HintOutcome.FreezeTimedOut(HintReason.ThreadsDidNotStop, Report)));
        Assert.Equal(7, ExitCode.Of(HintOutcome.PartlyApplied(HintReason.SomeRangesFailed, Report)));
        Assert.Equal(7, ExitCode.Of(HintOutcome.PartlyApplied(HintReason.LayoutChanged, Report)));
        Assert.Equal(130, ExitCode.Of(HintOutcome.PartlyApplied(HintReason.Cancelled, Report)));
        Assert.Equal(1, ExitCode.Of(default));
    }
}
