using System.Text.Json.Nodes;

namespace ConsistentMadvise.KernelTests;

/// <summary>Forged ranges beside an honest token were applied, and the outcome said of each page whether it was mapped: a way around ASLR through a privileged applier.</summary>
public sealed class APlanWasNotBoundToItsToken
{
    private const int Pages = 64;

    private static readonly ulong Page = (ulong)Environment.SystemPageSize;
    private static readonly HintOptions Patient = new() { FreezeTimeout = Eventually.Patience };

    public static TheoryData<LayoutMatch, HintConsistency> Ways => new()
    {
        { LayoutMatch.Layout, HintConsistency.Frozen },
        { LayoutMatch.Ranges, HintConsistency.Frozen },
        { LayoutMatch.Sequence, HintConsistency.Frozen },
        { LayoutMatch.Layout, HintConsistency.Optimistic },
        { LayoutMatch.Ranges, HintConsistency.Optimistic },
        { LayoutMatch.Sequence, HintConsistency.Optimistic },
        { LayoutMatch.Layout, HintConsistency.Unchecked },
        { LayoutMatch.Ranges, HintConsistency.Unchecked },
    };

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    [MemberData(nameof(Ways))]
    public void Apply_ForgedVma_IsStaleAndRevealsNoPage(LayoutMatch match, HintConsistency consistency)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong secret = process.MapTouched(Pages);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan honest = HintPlan.Create(target.Capture(), Advice.PageOut, static vma => vma.IsStack);
        AddressRange everything = new(0x10000, 0x7fff_ffff_f000);
        AddressRange[] guesses = [new(secret - 0x10_0000, secret - 0x10_0000 + Page), new(secret, secret + Page)];

        foreach (HintPlan forged in new[] { Forge(honest, [(everything, default)], guesses, [0, 0]), Forge(honest, [(guesses[0], default), (guesses[1], default)], guesses, [0, 1]) })
        {
            AssertStale(target.Apply(forged, Patient with { Match = match, Consistency = consistency }));
        }

        Assert.Equal((Pages, 0), process.Resident(secret, Pages));
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    [MemberData(nameof(Ways))]
    public void Apply_KnownLineWithAWiderRange_IsStale(LayoutMatch match, HintConsistency consistency)
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong known = process.MapTouched(Pages), secret = process.MapTouched(Pages);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        HintPlan honest = HintPlan.Create(target.Capture(), Advice.PageOut, vma => vma.Start == known);
        AddressRange wide = new(known, secret + Pages * Page);

        HintPlan forged = Forge(honest, [(wide, Assert.Single(honest.Vmas).LineHash)], [new AddressRange(secret, secret + Page)], [0]);

        AssertStale(target.Apply(forged, Patient with { Match = match, Consistency = consistency }));
        Assert.Equal((Pages, 0), process.Resident(secret, Pages));
        process.AssertRuns();
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    [MemberData(nameof(Ways))]
    public void Apply_HonestPlanFromJson_IsApplied(LayoutMatch match, HintConsistency consistency)
    {
        using PlannedTarget planned = new();
        HintPlan plan = HintPlan.FromJson(planned.Plan().ToJson());

        HintOutcome outcome = planned.Target.Apply(plan, Patient with { Match = match, Consistency = consistency });

        Assert.Equal((HintStatus.Applied, planned.Range.Length), (outcome.Status, outcome.BytesAdvised));
        Assert.False(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Ptrace | Needs.NiceCapability | Needs.Bpf)]
    public void Apply_PredictedSequence_IsStaleAndNotTrustedWhenReached()
    {
        using PlannedTarget planned = new();
        HintPlan now = planned.Plan();
        JsonObject json = JsonNode.Parse(now.ToJson())!.AsObject();
        string[] token = now.Token.ToString().Split('-');
        token[7] = (now.Token.Sequence!.Value + 4).ToString(System.Globalization.CultureInfo.InvariantCulture);
        json["token"] = string.Join('-', token);
        HintPlan plan = HintPlan.FromJson(json.ToJsonString());
        PhaseActions probe = PhaseActions.At(TransactionPhase.Prechecked, () =>
        {
            planned.Process.Protect(planned.Address, PlannedTarget.Pages, "r"); // each moves it by two
            planned.Process.Protect(planned.Elsewhere, PlannedTarget.Pages, "r");
        });

        HintOutcome outcome = planned.Apply(plan, new HintOptions { Match = LayoutMatch.Ranges }, probe);

        Assert.Equal((HintStatus.Stale, HintReason.LayoutChanged), (outcome.Status, outcome.Reason));
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability)]
    public void Advise_UnmappedRange_RevealsNothingOfTheLayout()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        ulong address = process.MapTouched(Pages);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        HintOutcome outcome = target.Advise([new AddressRange(address - Page, address + Page)], Advice.Cold, target.ReadToken(), Patient);

        Assert.Equal((HintStatus.Refused, HintReason.RangeNotMapped), (outcome.Status, outcome.Reason));
        Assert.DoesNotContain($"{address:x}", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(outcome.Ranges);
        process.AssertRuns();
    }

    private static void AssertStale(HintOutcome outcome)
    {
        Assert.Equal((HintStatus.Stale, HintReason.LayoutChanged, 0ul), (outcome.Status, outcome.Reason, outcome.BytesAdvised));
        Assert.Empty(outcome.Ranges);
        Assert.Empty(outcome.Changes);
        Assert.Null(outcome.Effect);
    }

    private static HintPlan Forge(HintPlan honest, (AddressRange Range, UInt128 Line)[] vmas, AddressRange[] ranges, int[] vmaOfRange)
    {
        JsonObject json = JsonNode.Parse(honest.ToJson())!.AsObject();
        json["vmas"] = new JsonArray([.. vmas.Select(static vma => new JsonObject { ["start"] = $"{vma.Range.Start:x8}", ["end"] = $"{vma.Range.End:x8}", ["line"] = vma.Line.ToString("x32", null) })]);
        json["ranges"] = new JsonArray([.. ranges.Select((range, i) => new JsonObject { ["start"] = $"{range.Start:x8}", ["end"] = $"{range.End:x8}", ["vma"] = vmaOfRange[i] })]);
        json["bytes"] = ranges.Aggregate(0ul, static (sum, range) => sum + range.Length);
        return HintPlan.FromJson(json.ToJsonString());
    }
}
