namespace ConsistentMadvise.KernelTests;

/// <summary>Runs a cell against a real target.</summary>
internal static class CellRun
{
    /// <summary>Runs it; returns how it ended. The scene is as before then, unless the mutation spends it.</summary>
    public static CellResult Run(MatrixCell cell, Scene scene)
    {
        using ProcessTarget target = ProcessTarget.Open(scene.Process.Pid);
        HintPlan plan = scene.Begin(target, cell.Match.WithSequence);
        bool hasBegun = false;
        PhaseActions probe = PhaseActions.At(cell.Phase, () =>
        {
            hasBegun = true;
            cell.Mutation.Begin(scene);
            if (!cell.IsHeldBack)
            {
                cell.Mutation.Finish(scene);
            }

            if (cell.IsBeforeTheHints)
            {
                if (cell.Mutation.SpendsTarget)
                {
                    scene.ReadPlannedFile(); // it took long, and the machine may page out of its own accord what is not in use
                }

                PageLists.Settle();
            }
        });

        HintOutcome outcome = TargetTransactions.Run(target, plan, cell.Options(scene), probe, CancellationToken.None);

        Assert.True(hasBegun, $"{cell}: the transaction ended before that phase: {outcome}");
        Verdict? seenAtOnce = cell.Mutation.Silences ? Look(cell, scene, outcome) : null;
        if (cell.IsHeldBack)
        {
            cell.Mutation.Finish(scene);
        }

        CellResult result = new(outcome.Status, seenAtOnce ?? Look(cell, scene, outcome));
        AssertKeepsItsWord(cell, outcome);
        if (!cell.Mutation.SpendsTarget)
        {
            cell.Mutation.Undo(scene);
            scene.Process.AssertRuns();
            scene.End();
        }

        return result;
    }

    private static Verdict Look(MatrixCell cell, Scene scene, in HintOutcome outcome)
    {
        Mutation mutation = cell.Mutation;
        bool? isPresent = mutation.Silences ? null : scene.IsPlannedPlacePresent();
        bool isHinted = isPresent is { } present ? !present : !scene.IsPlannedFileCached();
        return scene.IsBystanderHinted ? Verdict.OtherMemory
            : isHinted ? (mutation.ChangesPlanned ? Verdict.OtherMemory : Verdict.AsPlanned)
            : mutation.TouchesPlanned && outcome.BytesAdvised != 0 ? Verdict.AsPlanned // and brought back after the hint
            : Verdict.LeftAlone;
    }

    /// <summary>What each status promises in addition.</summary>
    private static void AssertKeepsItsWord(MatrixCell cell, in HintOutcome outcome)
    {
        switch (outcome.Status)
        {
            case HintStatus.Applied:
                Assert.Equal(outcome.BytesPlanned, outcome.BytesAdvised);
                break;
            case HintStatus.Stale:
                Assert.Equal(0ul, outcome.BytesAdvised);
                Assert.Empty(outcome.Ranges);
                bool isNamed = cell.Match.Match != LayoutMatch.Sequence && cell.Mutation is { Kind: MutationKind.Change }
                    && cell.Mutation.Traces.HasFlag(Traces.Sequence) && (cell.Mutation.Traces & (Traces.PlannedLine | Traces.OtherLine)) != 0;
                Assert.True(!isNamed || outcome.Changes.Count > 0, $"{cell}: what moved is named");
                Assert.Equal(cell.Phase <= TransactionPhase.Opened ? 0 : 1, outcome.Windows);
                break;
            case HintStatus.Raced:
                bool isThaw = cell.Mutation.Kind is MutationKind.Continue or MutationKind.CgroupThaw;
                Assert.Equal((isThaw ? HintReason.ThawedByAnother : HintReason.LayoutMovedMeanwhile, true), (outcome.Reason, outcome.HasRaced));
                break;
            case HintStatus.Refused or HintStatus.FreezeTimedOut:
                Assert.Equal(0ul, outcome.BytesAdvised);
                break;
        }
    }
}
