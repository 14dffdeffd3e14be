using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A target changed its layout elsewhere while it was looked at before the freeze, twice in a row: the plan, whose own memory was unchanged, was called
/// stale without a window. A look at a running target that does not settle is no answer; the freeze gives it.
/// </summary>
public sealed class AnUnsettledLookWasTakenForStale(ITestOutputHelper output)
{
    private const int ChurningThreads = 4;

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    public void Apply_RangesOfABusyTarget_AreApplied()
    {
        using PlannedTarget target = new();
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, [target.Range]);
        for (int seed = 0; seed < ChurningThreads; seed++)
        {
            target.Process.StartChurn(operationsPerSecond: 0, seed);
        }

        Dictionary<string, int> counts = [];
        for (int i = 0; i < Effort.Times(200); i++)
        {
            HintOutcome outcome = target.Apply(plan, new HintOptions { Match = LayoutMatch.Ranges, Freezer = FreezerKind.Ptrace });
            string name = $"{outcome.Status} {outcome.Reason}";
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        output.WriteLine(string.Join(", ", counts.Select(static count => $"{count.Value} {count.Key}")));
        Assert.Equal([$"{HintStatus.Applied} {HintReason.None}"], counts.Keys);
        target.Process.AssertRuns();
    }
}
