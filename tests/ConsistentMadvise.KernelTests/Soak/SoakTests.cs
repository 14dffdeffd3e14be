using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>Short soaks: no hint lands on a canary, and with any step left out some do.</summary>
/// <remarks><c>CM_EFFORT</c> multiplies the rounds; <see cref="SoakCommand"/> runs as long as it is asked to.</remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Transactions = 100;
    private const int MostRounds = 10;

    // Often, so that a short run suffices: a change each time that the caller has thought for a while.
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(0.5);

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf)]
    [InlineData(false)]
    [InlineData(true)]
    public void Frozen_EachMatchAndFreezer_NoCanaryIsHinted(bool isSameLine)
    {
        SoakLane lane = new(seed: 1, ShortPause, hasSwap: false);
        Until(round =>
        {
            using CanaryTarget target = new(CanaryMemory.File, isSameLine, Pause(round - Effort.Times(1) + 1), seed: round);
            foreach (SoakSetting setting in SoakSetting.All(HintConsistency.Frozen, OmittedStep.None).Where(setting => !isSameLine || setting.SeesSameLine))
            {
                lane.RunRound(target, setting, Transactions, CancellationToken.None);
            }

            return round >= Effort.Times(1) - 1 && IsSeen(lane, HintStatus.Applied) && IsSeen(lane, HintStatus.Stale);
        });

        SoakCounts total = Report(lane);
        Assert.Equal(0, total.MisHints);
        Assert.True(total.Looked > 0, "no canary was looked at");
    }

    [KernelFact(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf)]
    public void Pressure_NoDescriptorLeftAgainAndAgain_NoCanaryIsHintedAndNoLiveTargetCalledGone()
    {
        long applied = 0;
        long refused = 0;
        Until(round =>
        {
            // A target whose changes only the sequence shows may be stale each time: the seed says which it is.
            string[] all = RunPressed(round, Pause(round));
            applied += long.Parse(all[3], CultureInfo.InvariantCulture);
            refused += long.Parse(all[8], CultureInfo.InvariantCulture);
            return applied > 0 && refused > 0;
        });
    }

    [KernelTheory(Needs.NiceCapability | Needs.Bpf)]
    [InlineData(LayoutMatch.Layout)]
    [InlineData(LayoutMatch.Ranges)]
    [InlineData(LayoutMatch.Sequence)]
    public void Optimistic_EachMatch_EveryHintedCanaryIsReported(LayoutMatch match)
    {
        SoakLane lane = new(seed: 1, ShortPause, hasSwap: false);
        SoakSetting setting = new(HintConsistency.Optimistic, match, FreezerKind.Auto, OmittedStep.None);
        SoakSetting changed = setting with { ChangesAt = TransactionPhase.Prechecked };
        Until(round =>
        {
            using CanaryTarget target = new(CanaryMemory.File, isSameLine: match == LayoutMatch.Sequence, Pause(round), seed: round);
            lane.RunRound(target, setting, Transactions / 4, CancellationToken.None);
            lane.RunRound(target, changed, Transactions / 10, CancellationToken.None);
            return IsSeen(lane, HintStatus.Applied) && IsSeen(lane, HintStatus.Raced);
        });

        Assert.Equal(0, Report(lane).MisHints);
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf)]
    [InlineData(HintConsistency.Unchecked, FreezerKind.Auto, OmittedStep.None)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Ptrace, OmittedStep.Freeze)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Ptrace, OmittedStep.Recheck)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Ptrace, OmittedStep.RecheckAndLookAfter)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Ptrace, OmittedStep.ThawLast)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Cgroup, OmittedStep.Recheck)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Cgroup, OmittedStep.ThawLast)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Signal, OmittedStep.Recheck)]
    [InlineData(HintConsistency.Frozen, FreezerKind.Signal, OmittedStep.ThawLast)]
    public void AStepLeftOut_CanariesAreHinted(HintConsistency consistency, FreezerKind freezer, OmittedStep omitted)
    {
        SoakLane lane = new(seed: 1, ShortPause, hasSwap: false);
        SoakSetting setting = new(consistency, LayoutMatch.Ranges, freezer, omitted) { ChangesAt = BareAt(omitted) };
        string[] records = [];
        Until(round =>
        {
            using CanaryTarget target = new(CanaryMemory.File, isSameLine: false, Pause(round), seed: round);
            lane.RunRound(target, setting, Transactions / 10, CancellationToken.None);
            target.Stop();
            records = [.. target.Records()];
            return lane.Counts[setting].MisHints + lane.Counts[setting].Reported > 0;
        });

        SoakCounts total = Report(lane);
        Assert.True(omitted != OmittedStep.Recheck || total.MisHints == 0, "the check after the hints reports what the recheck would have prevented");
        Assert.Contains(records, static record => record.StartsWith("operation ", StringComparison.Ordinal));
    }

    /// <summary>Where a change is what the omitted step would have prevented, or found.</summary>
    private static TransactionPhase BareAt(OmittedStep omitted) => omitted switch
    {
        OmittedStep.None => TransactionPhase.Opened, // unchecked
        OmittedStep.Freeze or OmittedStep.ThawLast => TransactionPhase.Rechecked,
        _ => TransactionPhase.Freezing,
    };

    /// <summary>Runs a soak in a process of its own, since descriptors are the whole process's, and returns the cells of its sums.</summary>
    private string[] RunPressed(int seed, TimeSpan pause)
    {
        ProcessStartInfo info = new(Environment.ProcessPath!,
            [typeof(SoakTests).Assembly.Location, SoakCommand.Name, "--pressure", "--no-swap", "--targets", "1", "--duration", "5", "--pause", pause.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        RaceTargetProgram.Configure(info.Environment);
        info.FileName = Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet");
        using Process soak = Process.Start(info)!;
        Task<string> error = soak.StandardError.ReadToEndAsync();
        string text = soak.StandardOutput.ReadToEnd();
        Assert.True(soak.WaitForExit(Eventually.Patience), "the soak has exited");
        output.WriteLine(text);
        Assert.True(soak.ExitCode == 0, $"exit code {soak.ExitCode}: {text}{error.Result}");
        return text.Split('\n').Single(static line => line.StartsWith("| all |", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries);
    }

    /// <summary>Runs rounds until what they are for was seen: chance, and the machine's other work, decide in which.</summary>
    private static void Until(Func<int, bool> isSeen)
    {
        for (int round = 0; !isSeen(round); round++)
        {
            Assert.True(round < MostRounds + Effort.Times(1), "what the rounds are for was not seen: nothing was tested");
        }
    }

    /// <summary>How long the target waits between two changes: twice as long each round, so that on a busy machine, too, a transaction is done before the next change.</summary>
    private static TimeSpan Pause(int round) => ShortPause * (1 << Math.Clamp(round, 0, 6));

    private static bool IsSeen(SoakLane lane, HintStatus status) => lane.Counts.Values.Any(counts => counts[status] > 0);

    private SoakCounts Report(SoakLane lane)
    {
        using StringWriter text = new();
        SoakCounts total = SoakReport.Write(text, lane.Counts.Keys, [lane]);
        output.WriteLine(text.ToString());
        return total;
    }
}
