using CsCheck;

namespace ConsistentMadvise.KernelTests;

/// <summary>A transaction and what happens to its target meanwhile. Made from a seed, and made smaller where it shows a mistake.</summary>
internal sealed record Schedule(LayoutMatch Match, FreezerKind Freezer, IReadOnlyList<InjectedStep> Steps)
{
    private const int MostSteps = 6;
    private const int LongestDelay = 400;

    // What the target does by itself and goes on, and what leaves no page of the planned file mapped elsewhere: such pages are hinted nowhere.
    private static readonly Mutation[] Pool = [.. Mutations.All.Where(static mutation =>
        mutation is { Commands.Length: > 0, Kind: MutationKind.Change, SpendsTarget: false, Silences: false } && !mutation.Name.StartsWith("mremap planned", StringComparison.Ordinal))];

    private static readonly Gen<InjectedStep> Step =
        Gen.Select(
            Gen.OneOf(Enum.GetValues<TransactionPhase>()), Gen.OneOf(Pool), Gen.Int[0, LongestDelay],
            static (phase, mutation, delay) => new InjectedStep(phase, mutation, delay));

    /// <summary>Schedules whose mutations each match detects, so that no canary may be hinted.</summary>
    public static Gen<Schedule> Any { get; } =
        Gen.Select(
            Gen.OneOf(Enum.GetValues<LayoutMatch>()),
            Gen.OneOf(FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal),
            Step.List[0, MostSteps],
            static (match, freezer, steps) => new Schedule(match, freezer, [.. steps.Where(step => CanTell(match, step.Mutation))]));

    public override string ToString() => $"{Match}, {Freezer}: {(Steps.Count == 0 ? "nothing" : string.Join("; ", Steps))}";

    private static bool CanTell(LayoutMatch match, Mutation mutation) =>
        !mutation.ChangesPlanned || match != LayoutMatch.Layout || mutation.Traces.HasFlag(Traces.PlannedLine);
}
