using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Transactions on a target that changes its layout all the time, judged by the kernel's own record of who called what in which order.</summary>
public sealed class OutsideOracleTests(ITestOutputHelper output)
{
    private const Needs Traced = Needs.SyscallTracepoints | Needs.NiceCapability;

    /// <summary>Never, for a plan to live for certain; and seldom and often.</summary>
    private static readonly int[] Rates = [TracedTransactions.AtRest, 20, 2000];

    public static TheoryData<FreezerKind, LayoutMatch> TextCells() => Cells(LayoutMatch.Layout, LayoutMatch.Ranges);

    public static TheoryData<FreezerKind, LayoutMatch> SequenceCells() => Cells(LayoutMatch.Sequence);

    [KernelTheory(Traced | Needs.Bpf | Needs.Ptrace | Needs.CgroupV2)]
    [MemberData(nameof(SequenceCells))]
    public void Frozen_BySequence_NoCallOfTheTargetLiesBetweenCaptureAndHint(FreezerKind freezer, LayoutMatch match)
    {
        using TracedTransactions run = new(inCgroup: true) { MutatesAt = TransactionPhase.Opened };
        run.Apply(Effort.Times(200), Rates, new HintOptions { Freezer = freezer, Match = match });

        TraceVerdict verdict = Judge(run);
        Assert.Equal((0, 0, 0), (verdict.SinceCapture, verdict.DuringHint, verdict.Undecided));
        Assert.True(run.Count(HintStatus.Applied) > 0, "nothing was applied: nothing was tested");
        Assert.True(run.Count(HintStatus.Stale) > 0, "nothing was stale: nothing was tested");
        Assert.True(verdict.Hints >= run.Count(HintStatus.Applied), "hints were missed");
        run.Target.Process.AssertRuns();
    }

    [KernelTheory(Traced | Needs.Ptrace | Needs.CgroupV2)]
    [MemberData(nameof(TextCells))]
    public void Frozen_ByText_NoCallOfTheTargetOverlapsWithAHint(FreezerKind freezer, LayoutMatch match)
    {
        using TracedTransactions run = new(inCgroup: true) { MutatesAt = TransactionPhase.Opened };
        run.Apply(Effort.Times(200), Rates, new HintOptions { Freezer = freezer, Match = match });

        TraceVerdict verdict = Judge(run);
        Assert.Equal((0, 0), (verdict.DuringHint, verdict.Undecided));
        Assert.True(run.Count(HintStatus.Applied) > 0, "nothing was applied: nothing was tested");
        Assert.True(verdict.Hints >= run.Count(HintStatus.Applied), "hints were missed");

        // Of the two, what Ranges accepts: the planned memory is the same, and something else is not.
        Assert.True(match == LayoutMatch.Layout || verdict.SinceCapture > 0, "no call came between: nothing was tested");
        run.Target.Process.AssertRuns();
    }

    [KernelTheory(Traced | Needs.Bpf)]
    [InlineData(LayoutMatch.Sequence)]
    [InlineData(LayoutMatch.Layout)]
    public void Optimistic_CallReturnedBeforeTheHintDid_IsReportedAsRaced(LayoutMatch match)
    {
        using TracedTransactions run = new() { MarksPrecheck = match != LayoutMatch.Sequence, MutatesAt = TransactionPhase.Prechecked };
        run.Apply(Effort.Times(200), Rates, new HintOptions { Consistency = HintConsistency.Optimistic, Match = match });

        TraceVerdict verdict = Judge(run);
        Assert.Equal(0, verdict.Undecided);
        Assert.DoesNotContain(verdict.Each, hint => hint.BeforeReturn != 0 && run.StatusOf(hint.Plan) != HintStatus.Raced);
        Assert.True(run.Count(HintStatus.Applied) > 0, "nothing was applied: nothing was tested");
        Assert.True(verdict.BeforeReturn > 0, "no call came between: nothing was tested");
        run.Target.Process.AssertRuns();
    }

    [KernelFact(Traced | Needs.Bpf)]
    public void Optimistic_RangesAndCallsElsewhere_AreAppliedAll()
    {
        using TracedTransactions run = new() { MarksPrecheck = true, MutatesAt = TransactionPhase.Prechecked };
        run.Apply(Effort.Times(200), Rates, new HintOptions { Consistency = HintConsistency.Optimistic, Match = LayoutMatch.Ranges });

        TraceVerdict verdict = Judge(run);
        Assert.Equal(verdict.Hints, run.Count(HintStatus.Applied));
        Assert.True(verdict.BeforeReturn > 0, "no call came between: nothing was tested");
        run.Target.Process.AssertRuns();
    }

    [KernelFact(Traced)]
    public void Unchecked_ChurningTarget_ShowsMisHints()
    {
        // The control: without freeze and recheck the same harness finds both kinds of violation. For a change during a hint both need a processor at the same time, which
        // a busy machine may not give them in one run.
        Eventually.Holds(
            () =>
            {
                using TracedTransactions run = new() { MutatesAt = TransactionPhase.Opened };
                run.Apply(Effort.Times(200), [10_000], new HintOptions { Consistency = HintConsistency.Unchecked });

                TraceVerdict verdict = Judge(run);
                Assert.Equal(0, verdict.Undecided);
                Assert.Equal(run.Count(HintStatus.Applied), verdict.Hints);
                Assert.True(verdict.SinceCapture > 0, "no mis-hint was found: the oracle is blind");
                run.Target.Process.AssertRuns();
                return verdict.DuringHint > 0;
            },
            "a change during a hint was found, or else the oracle is blind");
    }

    private static TheoryData<FreezerKind, LayoutMatch> Cells(params LayoutMatch[] matches)
    {
        TheoryData<FreezerKind, LayoutMatch> cells = [];
        foreach (FreezerKind freezer in new[] { FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal })
        {
            foreach (LayoutMatch match in matches)
            {
                cells.Add(freezer, match);
            }
        }

        return cells;
    }

    private TraceVerdict Judge(TracedTransactions run)
    {
        TraceVerdict verdict = OrderOracle.Judge(run.Stop());
        output.WriteLine($"{run}: {verdict}");
        return verdict;
    }
}
