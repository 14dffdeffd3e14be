namespace ConsistentMadvise.KernelTests;

/// <summary>One cell of the matrix: what happens when, and to which transaction.</summary>
internal sealed record MatrixCell(Mutation Mutation, TransactionPhase Phase, MatrixMatch Match, HintConsistency Consistency, FreezerKind Freezer)
{
    private static readonly TransactionPhase[] Held = [TransactionPhase.Frozen, TransactionPhase.Rechecked, TransactionPhase.Advised];

    /// <summary>The phases that a transaction of a consistency has.</summary>
    public static IReadOnlyList<TransactionPhase> Phases(HintConsistency consistency) => consistency switch
    {
        HintConsistency.Frozen => Enum.GetValues<TransactionPhase>(),
        HintConsistency.Optimistic => [TransactionPhase.Opened, TransactionPhase.Prechecked, TransactionPhase.Advised],
        _ => [TransactionPhase.Opened, TransactionPhase.Advised],
    };

    /// <summary>Whether a freeze keeps the mutation from happening until the target is thawed.</summary>
    public bool IsHeldBack => Consistency == HintConsistency.Frozen && Held.Contains(Phase) && !Mutation.IsByOutsider;

    /// <summary>Whether a thread of the target cannot be stopped by this freezer when it tries: after the last search for sharers before the freeze.</summary>
    public bool CannotStop =>
        this is { Mutation.Kind: MutationKind.Vfork, Phase: TransactionPhase.Freezing, Consistency: HintConsistency.Frozen, Freezer: FreezerKind.Ptrace or FreezerKind.Signal };

    /// <summary>Whether the mutation is done before the first hint.</summary>
    public bool IsBeforeTheHints => !IsHeldBack && Phase < TransactionPhase.Advised;

    public HintOptions Options(Scene scene) => new()
    {
        Match = Match.Match,
        Consistency = Consistency,
        Freezer = Freezer,
        Sharers = scene.HasSharer ? SharerPolicy.Ignore : SharerPolicy.Refuse,
        FreezeTimeout = CannotStop ? TimeSpan.FromMilliseconds(50) : Eventually.Patience,
        MaxPause = Timeout.InfiniteTimeSpan,
    };

    public override string ToString() => $"{Mutation} at {Phase}, match {Match}, {Consistency} {Freezer}";
}
