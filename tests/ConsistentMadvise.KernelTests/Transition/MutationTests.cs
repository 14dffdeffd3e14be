namespace ConsistentMadvise.KernelTests;

/// <summary>Every mutation, at the two moments that matter, under each match: the status, and whether the planned pages were left alone.</summary>
public sealed class MutationTests
{
    public static TheoryData<string, string, LayoutMatch> TextCells() => Cells(LayoutMatch.Layout, LayoutMatch.Ranges);

    public static TheoryData<string, string, LayoutMatch> SequenceCells() => Cells(LayoutMatch.Sequence);

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability)]
    [MemberData(nameof(TextCells))]
    public void Apply_TargetMutates_GivesTheStatusOfTheMatch(string name, string moment, LayoutMatch match) => Try(name, moment, match, hasSequence: false);

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    [MemberData(nameof(TextCells))]
    [MemberData(nameof(SequenceCells))]
    public void Apply_TargetMutatesAndThePlanHasASequence_GivesTheStatusOfTheMatch(string name, string moment, LayoutMatch match) =>
        Try(name, moment, match, hasSequence: true);

    [KernelFact(Needs.NiceCapability)]
    public void Unchecked_PlannedMemoryChanged_HintsItAllTheSame()
    {
        // The control: without freeze and recheck the same harness sees pages leave that the plan no longer describes.
        Mutation mutation = Mutation.All.Single(static mutation => mutation.Name == "mprotect planned");
        using PlannedTarget target = new();
        PhaseActions probe = PhaseActions.At(TransactionPhase.Opened, () => mutation.Act(target));

        HintOutcome outcome = target.Apply(new HintOptions { Consistency = HintConsistency.Unchecked }, probe);

        Assert.Equal(HintStatus.Applied, outcome.Status);
        Assert.False(target.IsUntouched, "the changed memory was hinted");
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_ExecBefore_SaysThatTheAddressSpaceWasReplaced()
    {
        using PlannedTarget target = new();
        HintPlan plan = target.Plan();
        target.Process.Exec(randomized: false);

        HintOutcome outcome = target.Target.Apply(plan, new HintOptions { FreezeTimeout = Eventually.Patience });

        Assert.Equal((HintStatus.Stale, HintReason.AddressSpaceReplaced), (outcome.Status, outcome.Reason));
        target.Process.AssertRuns();
    }

    private static TheoryData<string, string, LayoutMatch> Cells(params LayoutMatch[] matches)
    {
        TheoryData<string, string, LayoutMatch> cells = [];
        foreach (Mutation mutation in Mutation.All)
        {
            foreach (LayoutMatch match in matches)
            {
                cells.Add(mutation.Name, "before the freeze", match);
                cells.Add(mutation.Name, "while freezing", match);
            }
        }

        return cells;
    }

    private static void Try(string name, string moment, LayoutMatch match, bool hasSequence)
    {
        Mutation mutation = Mutation.All.Single(mutation => mutation.Name == name);
        bool isBefore = moment == "before the freeze";
        using PlannedTarget target = new();
        HintPlan plan = hasSequence ? target.Plan() : target.PlanWithoutSequence();
        Assert.Equal(hasSequence, plan.Token.Sequence is not null);
        PhaseActions probe = PhaseActions.At(isBefore ? TransactionPhase.Opened : TransactionPhase.Freezing, () => mutation.Act(target));

        HintOutcome outcome = target.Apply(plan, new HintOptions { Match = match }, probe);

        Assert.Equal(mutation.Under(match), outcome.Status);
        switch (outcome.Status)
        {
            case HintStatus.Applied:
                Assert.Equal(target.Range.Length, outcome.BytesAdvised);
                Assert.True(!mutation.KeepsPlannedPages || !target.IsUntouched, "the planned pages left memory");
                break;
            case HintStatus.Stale:
                Assert.Equal(0ul, outcome.BytesAdvised);
                Assert.Empty(outcome.Ranges);
                Assert.True(match == LayoutMatch.Sequence || outcome.Changes.Count > 0, "what moved is named");
                Assert.Equal(isBefore ? 0 : 1, outcome.Windows);
                Assert.True(!mutation.KeepsPlannedPages || target.IsUntouched, "the planned pages stayed in memory");
                break;
            default:
                Assert.Equal(0ul, outcome.BytesAdvised);
                return;
        }

        target.Process.AssertRuns();
    }
}
