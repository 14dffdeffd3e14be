namespace ConsistentMadvise.KernelTests;

/// <summary>How a cell must end, by what its mutation leaves traces in and what its transaction can see of them.</summary>
internal static class CellExpectation
{
    /// <summary>Every end that is right. More than one only where a thawed target may end before or after the transaction looks.</summary>
    public static IReadOnlyList<CellResult> Of(MatrixCell cell) => cell.Consistency switch
    {
        HintConsistency.Unchecked => [OfUnchecked(cell)],
        HintConsistency.Optimistic => [OfOptimistic(cell)],
        _ when cell is { IsHeldBack: true, Mutation.Kind: MutationKind.Exit } => [AsPlanned, new(HintStatus.TargetExited, Verdict.AsPlanned)],
        _ when cell.IsHeldBack => [AsPlanned],
        _ => [OfFrozen(cell)],
    };

    private static CellResult AsPlanned => new(HintStatus.Applied, Verdict.AsPlanned);

    private static CellResult Stale => new(HintStatus.Stale, Verdict.LeftAlone);

    private static CellResult Refused => new(HintStatus.Refused, Verdict.LeftAlone);

    private static CellResult OfFrozen(MatrixCell cell)
    {
        Mutation mutation = cell.Mutation;
        return (mutation.Kind, cell.Phase) switch
        {
            (MutationKind.Exit, < TransactionPhase.Advised) => new(HintStatus.TargetExited, Verdict.LeftAlone),
            (MutationKind.Exit, _) => new(HintStatus.TargetExited, Verdict.AsPlanned),
            (_, TransactionPhase.Thawed) => AsPlanned,
            (MutationKind.Continue, >= TransactionPhase.Frozen) when cell.Freezer == FreezerKind.Signal => Raced(cell),
            (MutationKind.CgroupThaw, >= TransactionPhase.Frozen) when cell.Freezer == FreezerKind.Cgroup => Raced(cell),
            (_, >= TransactionPhase.Rechecked) when HasMoved(cell) => Raced(cell),
            (_, >= TransactionPhase.Rechecked) => Blind(cell),
            (_, > TransactionPhase.Opened) when CannotBeFrozen(cell) => Refused, // and nothing more is compared; a freeze that timed out is tried again, and the sharer seen by then
            (MutationKind.LeaderExit, _) => Refused,
            _ when IsSeen(cell) => Stale,
            _ when CannotBeFrozen(cell) => Refused,
            _ => Blind(cell),
        };
    }

    private static bool CannotBeFrozen(MatrixCell cell) =>
        cell.Mutation.Kind is MutationKind.SharerComes or MutationKind.Vfork or MutationKind.TracerComes
        || (cell.Mutation.AddsProcess && cell.Freezer == FreezerKind.Cgroup);

    private static CellResult OfOptimistic(MatrixCell cell)
    {
        Mutation mutation = cell.Mutation;
        return (mutation.Kind, cell.Phase) switch
        {
            (MutationKind.Exit, < TransactionPhase.Advised) => new(HintStatus.TargetExited, Verdict.LeftAlone),
            (MutationKind.Exit, _) => new(HintStatus.TargetExited, Verdict.AsPlanned),
            (_, TransactionPhase.Opened) when IsSeen(cell) => Stale,
            (_, > TransactionPhase.Opened) when HasMoved(cell) => Raced(cell),
            _ => Blind(cell),
        };
    }

    private static CellResult OfUnchecked(MatrixCell cell) => (cell.Mutation.Kind, cell.Phase) switch
    {
        (MutationKind.Exit, < TransactionPhase.Advised) => new(HintStatus.TargetExited, Verdict.LeftAlone),
        (MutationKind.Exit, _) => new(HintStatus.TargetExited, Verdict.AsPlanned),
        _ => Blind(cell),
    };

    /// <summary>Whether the transaction checks after the mutation and its match shows it.</summary>
    private static bool IsSeen(MatrixCell cell)
    {
        Traces traces = cell.Mutation.Traces;
        bool isSequenceMoved = traces.HasFlag(Traces.Sequence);

        // An unmoved sequence is believed before any text: by a plan that has one, and by all once they were compared.
        bool isTextRead = isSequenceMoved || (!cell.Match.WithSequence && cell.Phase == TransactionPhase.Opened);
        return cell.Match.Match switch
        {
            LayoutMatch.Sequence => isSequenceMoved,
            // Without a sequence in the plan the text decides once, and each planned VMA's own sequence from then on.
            LayoutMatch.Ranges when cell.Match.WithSequence || cell.Phase > TransactionPhase.Opened => traces.HasFlag(Traces.PlannedSequence),
            LayoutMatch.Ranges => isTextRead && traces.HasFlag(Traces.PlannedLine),
            _ => isTextRead && (traces & (Traces.PlannedLine | Traces.OtherLine)) != 0,
        };
    }

    /// <summary>Whether the check after the hints finds it: by the sequence; for ranges by that of the planned VMAs, for a layout under a freeze by these and the text.</summary>
    private static bool HasMoved(MatrixCell cell)
    {
        Traces traces = cell.Mutation.Traces;
        return cell.Match.Match switch
        {
            LayoutMatch.Ranges => traces.HasFlag(Traces.PlannedSequence),
            LayoutMatch.Layout when cell.Consistency == HintConsistency.Frozen => traces.HasFlag(Traces.PlannedSequence) || traces.HasFlag(Traces.Sequence | Traces.OtherLine),
            _ => traces.HasFlag(Traces.Sequence),
        };
    }

    private static CellResult Raced(MatrixCell cell) => new(HintStatus.Raced, Blind(cell).Verdict);

    /// <summary>What hints do whose transaction has not noticed the mutation.</summary>
    private static CellResult Blind(MatrixCell cell) => (cell.IsBeforeTheHints, cell.Mutation) switch
    {
        (true, { Kind: MutationKind.Lock or MutationKind.LeaderExit }) => Refused,
        (true, { LeavesHole: true }) => new(HintStatus.PartlyApplied, Verdict.LeftAlone),
        (true, { LeavesPartialHole: true }) => new(HintStatus.PartlyApplied, Verdict.AsPlanned),
        (true, { ChangesPlanned: true }) => new(HintStatus.Applied, Verdict.OtherMemory),
        _ => AsPlanned,
    };
}
