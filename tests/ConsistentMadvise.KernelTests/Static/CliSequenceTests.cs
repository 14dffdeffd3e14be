using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the kernel's layout sequence changes in the other commands, as a script sees it.</summary>
public sealed class CliSequenceTests
{
    [KernelFact(Needs.Bpf)]
    public void Snapshot_Json_HasTheSequenceOfItsToken()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("snapshot", $"{process.Pid}", "--json");

        JsonElement snapshot = run.AssertJson(0);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Assert.Equal(target.ReadToken().Sequence, snapshot.GetProperty("sequence").GetUInt32());
        Assert.Equal(LayoutToken.Parse(snapshot.GetProperty("token").GetString()!).Sequence, snapshot.GetProperty("sequence").GetUInt32());
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Snapshot_WithoutTheCapabilities_HasNoSequence()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.WithoutSequence("snapshot", $"{process.Pid}", "--json");

        Assert.Equal(JsonValueKind.Null, run.AssertJson(0).GetProperty("sequence").ValueKind);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Check_UnmovedSequence_IsMatchedByIt()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of("check", Pid(planned), "--token", $"{planned.Target.ReadToken()}", "--json");

        Assert.Equal("sequence", run.AssertJson(0).GetProperty("match").GetString());
        planned.Process.AssertRuns();
    }

    /// <summary>The same line in maps for other memory: the text does not see it.</summary>
    [KernelFact(Needs.Bpf)]
    public void Check_MemoryReplacedWithTheSameLine_MatchesByLayoutAndNotBySequence()
    {
        using PlannedTarget planned = new();
        string token = planned.Target.ReadToken().ToString();
        planned.Process.ReplaceWithSame(planned.Elsewhere, PlannedTarget.Pages);

        using CommandRun layout = CommandRun.Of("check", Pid(planned), "--token", token, "--json");
        using CommandRun sequence = CommandRun.Of("check", Pid(planned), "--token", token, "--match", "sequence", "--json");

        Assert.Equal("layout", layout.AssertJson(0).GetProperty("match").GetString());
        Assert.False(sequence.AssertJson(3).GetProperty("matches").GetBoolean());
        Assert.Contains("has moved", sequence.Error, StringComparison.Ordinal);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Check_TokenWithoutASequence_Is5WhereItIsRequired()
    {
        using PlannedTarget planned = new();
        string token = string.Join('-', planned.Target.ReadToken().ToString().Split('-')[..6]);

        using CommandRun layout = CommandRun.Of("check", Pid(planned), "--token", token, "--json");
        using CommandRun sequence = CommandRun.Of("check", Pid(planned), "--token", token, "--match", "sequence");

        Assert.Equal("layout", layout.AssertJson(0).GetProperty("match").GetString());
        sequence.AssertFailed(5, "has no layout sequence");
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Check_WithoutTheCapabilities_Is8WhereItIsRequired()
    {
        using PlannedTarget planned = new();
        string token = planned.Target.ReadToken().ToString();

        using CommandRun layout = CommandRun.WithoutSequence("check", Pid(planned), "--token", token, "--json");
        using CommandRun sequence = CommandRun.WithoutSequence("check", Pid(planned), "--token", token, "--match", "sequence");

        Assert.Equal("layout", layout.AssertJson(0).GetProperty("match").GetString());
        sequence.AssertFailed(8, "CAP_BPF and CAP_PERFMON");
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_MatchSequence_Is0AndAfterAChangeStale()
    {
        using PlannedTarget planned = new();
        using CommandRun plan = CommandRun.Of("plan", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}");

        using CommandRun first = CommandRun.WithInput(plan.Output, ["apply", "--plan", "-", "--match", "sequence", "--json", .. CommandRun.Patient]);
        planned.Process.Map(1);
        using CommandRun second = CommandRun.WithInput(plan.Output, ["apply", "--plan", "-", "--match", "sequence", "--json", .. CommandRun.Patient]);

        JsonElement applied = first.AssertJson(0);
        Assert.Equal("applied", applied.GetProperty("status").GetString());
        Assert.Equal("sequence", applied.GetProperty("match").GetString());
        Assert.Equal(planned.Range.Length, applied.GetProperty("bytesAdvised").GetUInt64());
        Assert.Equal("stale", second.AssertJson(3).GetProperty("status").GetString());
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_TokenAndMemoryReplacedWithTheSameLine_IsStaleBySequence()
    {
        using PlannedTarget planned = new();
        string token = planned.Target.ReadToken().ToString();
        string[] arguments = ["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--token", token, "--json", .. CommandRun.Patient];
        planned.Process.ReplaceWithSame(planned.Elsewhere, PlannedTarget.Pages);

        using CommandRun sequence = CommandRun.Of([.. arguments, "--match", "sequence"]);
        using CommandRun layout = CommandRun.Of(arguments);

        Assert.Equal("layoutChanged", sequence.AssertJson(3).GetProperty("reason").GetString());
        Assert.Equal("applied", layout.AssertJson(0).GetProperty("status").GetString());
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Ptrace | Needs.NiceCapability)]
    public void Apply_TokenThatHolds_Is0BySequence()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of(
            ["apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--token", $"{planned.Target.ReadToken()}", "--match", "sequence", "--json", .. CommandRun.Patient]);

        Assert.Equal("applied", run.AssertJson(0).GetProperty("status").GetString());
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.NiceCapability)]
    public void Apply_Optimistic_Is0AndFreezesNothing()
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.Of(
            "apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", "--consistency", "optimistic", "--freeze-after-race", "--json");

        JsonElement outcome = run.AssertJson(0);
        Assert.Equal("applied", outcome.GetProperty("status").GetString());
        Assert.Equal("optimistic", outcome.GetProperty("consistency").GetString());
        Assert.Equal("none", outcome.GetProperty("freezer").GetString());
        Assert.False(outcome.GetProperty("hasRaced").GetBoolean());
        Assert.Equal(0, outcome.GetProperty("windows").GetInt32());
        Assert.Equal(0, outcome.GetProperty("totalPauseMicroseconds").GetDouble());
        Assert.Equal(planned.Range.Length, outcome.GetProperty("bytesAdvised").GetUInt64());
        Assert.Equal(0, planned.Process.Resident(planned.Address, PlannedTarget.Pages).Present);
        planned.Process.AssertRuns();
    }

    [KernelTheory(Needs.Bpf | Needs.Root)]
    [InlineData("--match", "sequence")]
    [InlineData("--consistency", "optimistic")]
    public void Apply_WithoutTheCapabilities_Is8(string option, string value)
    {
        using PlannedTarget planned = new();

        using CommandRun run = CommandRun.WithoutSequence("apply", Pid(planned), "--advice", "pageout", "--range", $"{planned.Range}", option, value);

        run.AssertFailed(8, "CAP_BPF and CAP_PERFMON");
        Assert.True(planned.IsUntouched);
        planned.Process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Doctor_ShowsWhetherTheSequenceCanBeRead()
    {
        using CommandRun with = CommandRun.Of("doctor", "--json");
        using CommandRun without = CommandRun.WithoutSequence("doctor", "--json");

        Assert.Equal("available", Feature(with).GetProperty("state").GetString());
        Assert.Equal("notPermitted", Feature(without).GetProperty("state").GetString());
        Assert.Contains("CAP_BPF and CAP_PERFMON", Feature(without).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static JsonElement Feature(CommandRun doctor) => Assert.Single(
        doctor.AssertJson(0).GetProperty("features").EnumerateArray(), static feature => feature.GetProperty("name").GetString() == "layout sequence");

    private static string Pid(PlannedTarget planned) => $"{planned.Process.Pid}";
}
