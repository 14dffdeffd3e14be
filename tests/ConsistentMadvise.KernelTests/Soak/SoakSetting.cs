namespace ConsistentMadvise.KernelTests;

/// <summary>What a run of transactions against a target with canaries varies.</summary>
internal readonly record struct SoakSetting(HintConsistency Consistency, LayoutMatch Match, FreezerKind Freezer, OmittedStep Omitted)
{
    private static readonly FreezerKind[] Freezers = [FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal];

    private static readonly LayoutMatch[] Matches = [LayoutMatch.Layout, LayoutMatch.Ranges, LayoutMatch.Sequence];

    /// <summary>Every match with every freezer, as far as they make a difference.</summary>
    public static IReadOnlyList<SoakSetting> All(HintConsistency consistency, OmittedStep omitted) =>
    [
        .. from match in consistency == HintConsistency.Unchecked ? Matches[..1] : Matches
           from freezer in consistency == HintConsistency.Frozen ? Freezers : [FreezerKind.Auto]
           select new SoakSetting(consistency, match, freezer, omitted),
    ];

    /// <summary>What hints in the library's place; null for the library.</summary>
    public OtherHinter? Hinter { get; init; }

    /// <summary>Where each transaction waits until the target has changed every slot: what a soak leaves to chance happens for certain then. Nowhere by default.</summary>
    public TransactionPhase? ChangesAt { get; init; }

    /// <summary>Whether it says that every race is reported: then it is asked after each transaction whose the mis-hints are, which takes time.</summary>
    public bool ReportsRaces => Consistency == HintConsistency.Optimistic || Omitted == OmittedStep.Recheck;

    /// <summary>Whether a hint is a mistake that lands on memory with the line of maps that was planned: no text shows it.</summary>
    public bool SeesSameLine => Match == LayoutMatch.Sequence || Consistency == HintConsistency.Unchecked;

    // Without a bound of the pause where a step is left out: in a bounded window the caller has its processor for itself.
    private HintOptions Options => new()
    {
        Consistency = Consistency,
        Match = Match,
        Freezer = Freezer,
        FreezeTimeout = Eventually.Patience,
        MaxPause = Omitted == OmittedStep.None ? HintOptions.Default.MaxPause : Timeout.InfiniteTimeSpan,
    };

    /// <summary>Runs one transaction.</summary>
    public HintOutcome Apply(CanaryTarget target, HintPlan plan)
    {
        ITransactionProbe? probe = ChangesAt is { } phase ? PhaseActions.At(phase, target.AwaitChanges) : null;
        probe = Omitted == OmittedStep.None ? probe : new OmittingProbe(Omitted, probe);
        return Hinter is { } other ? other.Run(target.Target.Pid, plan) : TargetTransactions.Run(target.Target, plan, Options, probe, CancellationToken.None);
    }

    public override string ToString() => Hinter is not null ? "the command" : string.Join(' ', new[]
    {
        $"{Consistency}",
        Consistency == HintConsistency.Unchecked ? "" : $"{Match}",
        Consistency == HintConsistency.Frozen ? $"{Freezer}" : "",
        Omitted == OmittedStep.None ? "" : $"without {Omitted}",
        ChangesAt is null ? "" : $"changed at {ChangesAt}",
    }.Where(static word => word.Length != 0));
}
