using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary>The commands that only look, as a script sees them.</summary>
public sealed class CliReadTests
{
    [KernelFact]
    public void Snapshot_Json_HoldsTheLinesOfMapsAndTheToken()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("snapshot", $"{process.Pid}", "--json");

        JsonElement snapshot = run.AssertJson(0);
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        Assert.Equal(process.Pid, snapshot.GetProperty("pid").GetInt32());
        Assert.True(target.ReadToken().Matches(LayoutToken.Parse(snapshot.GetProperty("token").GetString()!)));
        Assert.Equal(
            MapsEntry.ReadAll(process.Pid).Select(static entry => ($"{entry.Start:x8}", $"{entry.End:x8}", entry.Permissions, entry.Path)),
            snapshot.GetProperty("vmas").EnumerateArray().Select(static vma => (Text(vma, "start"), Text(vma, "end"), Text(vma, "permissions"), Text(vma, "path"))));
        process.AssertRuns();
    }

    [KernelFact]
    public void Snapshot_SortedAndFiltered_ListsTheLargestFirst()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("snapshot", $"{process.Pid}", "--filter", "anon,size>=8K", "--sort", "size", "--json");

        ulong[] sizes = [.. run.AssertJson(0).GetProperty("vmas").EnumerateArray().Select(static vma => Hex(vma, "end") - Hex(vma, "start"))];
        Assert.NotEmpty(sizes);
        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.True(sizes[^1] >= 8192);
        process.AssertRuns();
    }

    [KernelFact]
    public void Snapshot_HostileFileName_MovesNoCursor()
    {
        string path = Path.Combine(Path.GetTempPath(), $"cm-\u001b[31m[red]x]-{Path.GetRandomFileName()}");
        File.WriteAllBytes(path, new byte[Environment.SystemPageSize]);
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.MapFile(path, 1);
        File.Delete(path);

        using CommandRun run = CommandRun.Of("snapshot", $"{process.Pid}");

        run.AssertEnded(0);
        Assert.DoesNotContain(run.Output, static c => char.IsControl(c) && c != '\n');
        Assert.Contains("cm-\\u{1b}[31m[red]x]-", run.Output, StringComparison.Ordinal);
        process.AssertRuns();
    }

    [KernelFact]
    public void Plan_WithoutFilterAndRange_TakesTheDefaultAndSaysSo()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("plan", $"{process.Pid}", "--advice", "cold");

        run.AssertJson(0);
        HintPlan plan = HintPlan.FromJson(run.Output);
        Assert.Contains("anon,private", run.Error, StringComparison.Ordinal);
        Assert.NotEmpty(plan.Ranges);
        HashSet<ulong> anonymous = [.. MapsEntry.ReadAll(process.Pid)
            .Where(static entry => entry.Permissions[3] == 'p' && entry.Path is "" or "[heap]" or "[stack]").Select(static entry => entry.Start)];
        Assert.All(plan.Ranges, range => Assert.Contains(range.Start, anonymous));
        process.AssertRuns();
    }

    [KernelFact]
    public void Plan_FilterAndRange_TakesWhatBothSelect()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        (ulong address, ulong stride) = process.Fields(4, 2);

        using CommandRun run = CommandRun.Of(
            "plan", $"{process.Pid}", "--advice", "cold", "--filter", "w", "--range", $"{new AddressRange(address, address + 4 * stride)}");

        run.AssertJson(0);
        Assert.Equal(
            MapsEntry.ReadAll(process.Pid).Where(entry => entry.Start >= address && entry.Start < address + 4 * stride && entry.Permissions[1] == 'w').Select(static entry => entry.Start),
            HintPlan.FromJson(run.Output).Ranges.Select(static range => range.Start));
        process.AssertRuns();
    }

    [KernelFact]
    public void Check_TokenOfTheLayout_Is0UntilItChanges()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using CommandRun snapshot = CommandRun.Of("snapshot", $"{process.Pid}", "--json");
        string token = snapshot.AssertJson(0).GetProperty("token").GetString()!;

        using CommandRun before = CommandRun.Of("check", $"{process.Pid}", "--token", token, "--json");
        process.Map(1);
        using CommandRun after = CommandRun.Of("check", $"{process.Pid}", "--token", token, "--json");

        Assert.True(before.AssertJson(0).GetProperty("matches").GetBoolean());
        JsonElement check = after.AssertJson(3);
        Assert.False(check.GetProperty("matches").GetBoolean());
        Assert.Equal("layout", check.GetProperty("match").GetString());
        Assert.Equal(0, check.GetProperty("changes").GetArrayLength());
        process.AssertRuns();
    }

    [KernelFact]
    public void Check_TokenOfAnEarlierProcessOfThatPid_Is4()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);
        LayoutToken token = target.ReadToken();
        string earlier = token.ToString().Replace($"-{token.Process.StartTime}-", $"-{token.Process.StartTime - 1}-", StringComparison.Ordinal);

        using CommandRun run = CommandRun.Of("check", $"{process.Pid}", "--token", earlier, "--json");

        Assert.False(run.AssertJson(4).GetProperty("matches").GetBoolean());
        process.AssertRuns();
    }

    private static string Text(JsonElement vma, string name) => vma.GetProperty(name).GetString()!;

    private static ulong Hex(JsonElement vma, string name) => Convert.ToUInt64(Text(vma, name), 16);
}
