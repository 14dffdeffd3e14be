using System.Text.RegularExpressions;
using CsCheck;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Random schedules of mutations, with delays, at the phases of a transaction.</summary>
/// <remarks>
/// One that fails is made smaller, and printed with the seed that replays it: <c>CsCheck_Seed=... dotnet test ... --filter RandomInjection</c>.
/// <c>CM_EFFORT</c> multiplies the number of schedules.
/// </remarks>
public sealed partial class RandomInjectionTests(ITestOutputHelper output)
{
    private const Needs All = Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf | Needs.IoUring;

    [KernelFact(All)]
    public void Frozen_AnySchedule_NoOtherMemoryIsHinted()
    {
        using ScheduleRun run = new();
        SampleUntilSeen(run, HintStatus.Applied, HintStatus.Stale);
        Assert.DoesNotContain(HintStatus.Raced, run.Counts.Keys);
    }

    [KernelFact(All)]
    public void Optimistic_AnySchedule_EveryRaceIsReported()
    {
        using ScheduleRun run = new(consistency: HintConsistency.Optimistic);
        SampleUntilSeen(run, HintStatus.Applied, HintStatus.Raced);
    }

    [KernelTheory(All)]
    [InlineData(OmittedStep.None, HintConsistency.Unchecked)]
    [InlineData(OmittedStep.RecheckAndLookAfter, HintConsistency.Frozen)]
    public void OmittedStep_SomeScheduleFails_AndItsSeedReplaysIt(OmittedStep omitted, HintConsistency consistency)
    {
        using ScheduleRun run = new(omitted, consistency);
        CsCheckException failure = Assert.Throws<CsCheckException>(
            () => Schedule.Any.Sample(run.Holds, iter: 5000, threads: 1, print: static schedule => $"{schedule}"));

        output.WriteLine(failure.Message);
        Assert.Matches("(Layout|Ranges|Sequence), (Ptrace|Cgroup|Signal): [^;]+ at [A-Z][a-z]+, then [0-9]+ us", failure.Message);
        string seed = Seed().Match(failure.Message).Groups["seed"].Value;

        // A schedule determines when the target gets its command, and not when it has a processor to do it.
        Eventually.Holds(() => Fails(run, seed), "the seed replays it");
    }

    /// <summary>Which schedules come is chance, and so is whether the target keeps pace with them.</summary>
    private void SampleUntilSeen(ScheduleRun run, HintStatus one, HintStatus other)
    {
        Eventually.Holds(
            () =>
            {
                Schedule.Any.Sample(run.Holds, iter: Effort.Times(150), threads: 1, print: static schedule => $"{schedule}");
                return run.Counts.ContainsKey(one) && run.Counts.ContainsKey(other);
            },
            "both ends were seen");
        output.WriteLine(string.Join(", ", run.Counts.Select(static count => $"{count.Value} {count.Key}")));
    }

    private static bool Fails(ScheduleRun run, string seed)
    {
        try
        {
            Schedule.Any.Sample(run.Holds, seed: seed, iter: 1, threads: 1);
            return false;
        }
        catch (CsCheckException)
        {
            return true;
        }
    }

    [GeneratedRegex("CsCheck_Seed = \"(?<seed>[^\"]+)\"")]
    private static partial Regex Seed();
}
