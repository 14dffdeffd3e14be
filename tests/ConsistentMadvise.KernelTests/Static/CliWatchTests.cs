using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>cmadvise watch</c>, as a script sees it.</summary>
public sealed class CliWatchTests
{
    private static readonly string[] Fast = ["--interval", "100ms", "--json"];

    [KernelFact(Needs.Bpf)]
    public void Watch_OneReport_ListsTheTargetThatChangesAndNotTheQuietOne()
    {
        const int Pages = 256;
        using RaceTargetProcess busy = RaceTargetProcess.Start();
        using RaceTargetProcess quiet = RaceTargetProcess.Start();
        busy.MapTouched(Pages);
        busy.StartChurn(0, seed: 1);

        JsonElement row = default;
        Eventually.Holds(
            () =>
            {
                using CommandRun run = CommandRun.Of(["watch", "--count", "1", .. Fast]);
                JsonElement[] rows = run.AssertLines(0);
                Assert.DoesNotContain(rows, row => Pid(row) == quiet.Pid);
                Assert.DoesNotContain(rows, row => Pid(row) == run.Pid);
                row = rows.SingleOrDefault(row => Pid(row) == busy.Pid);
                return row.ValueKind == JsonValueKind.Object;
            },
            "the target had a processor between two readings");

        Assert.True(row.GetProperty("changesPerSecond").GetDouble() > 0);
        Assert.Equal(File.ReadAllText($"/proc/{busy.Pid}/comm").TrimEnd('\n'), row.GetProperty("name").GetString());
        Assert.InRange(row.GetProperty("hintableBytes").GetInt64(), Pages * Environment.SystemPageSize, row.GetProperty("residentBytes").GetInt64());
        Assert.True(row.GetProperty("vmas").GetInt32() > 0);
        Assert.Equal(0, busy.StopChurn().Damaged);
        busy.AssertRuns();
        quiet.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_All_ListsTheQuietTargetToo()
    {
        using RaceTargetProcess quiet = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of(["watch", "--count", "1", "--all", .. Fast]);

        Assert.Equal(0, Assert.Single(run.AssertLines(0), row => Pid(row) == quiet.Pid).GetProperty("changesPerSecond").GetDouble());
        quiet.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_Top_ListsThoseThatChangeMostOnly()
    {
        using RaceTargetProcess busy = RaceTargetProcess.Start();
        busy.StartChurn(0, seed: 1);

        Eventually.Holds(
            () =>
            {
                using CommandRun run = CommandRun.Of(["watch", "--count", "1", "--all", "--top", "2", .. Fast]);
                double[] rates = [.. run.AssertLines(0).Select(static row => row.GetProperty("changesPerSecond").GetDouble())];
                Assert.Equal(2, rates.Length);
                Assert.True(rates[0] >= rates[1]);
                return rates[0] > 0;
            },
            "the target had a processor between two readings");
        Assert.Equal(0, busy.StopChurn().Damaged);
        busy.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_ProcessThatExits_Is4()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using CommandRun run = CommandRun.Start(["watch", $"{process.Pid}", .. Fast]);
        run.WaitForOutput();

        process.Exit(0);
        run.Wait();

        JsonElement[] lines = run.AssertLines(4);
        Assert.All(lines, line => Assert.Equal(process.Pid, Pid(line)));
        Assert.Equal((4, $"Process {process.Pid} has exited."), (lines[^1].GetProperty("exitCode").GetInt32(), lines[^1].GetProperty("message").GetString()));
        Assert.Equal($"Process {process.Pid} has exited.\n", run.Error);
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_LeaderThatExits_Is5()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using CommandRun run = CommandRun.Start(["watch", $"{process.Pid}", .. Fast]);
        run.WaitForOutput();

        process.ExitLeader();
        run.Wait();

        run.AssertLines(5);
        Assert.Contains("its thread-group leader has exited", run.Error, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_QuietProcess_IsListedInEachReport()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of(["watch", $"{process.Pid}", "--count", "3", .. Fast]);

        JsonElement[] rows = run.AssertLines(0);
        Assert.Equal([0, 0, 0], rows.Select(static row => row.GetProperty("changesPerSecond").GetDouble()));
        Assert.Equal(3, rows.Select(static row => row.GetProperty("timeMicroseconds").GetInt64()).Distinct().Count());
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_NoSuchProcess_Is4()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        process.Exit(0);

        using CommandRun run = CommandRun.Of("watch", $"{process.Pid}");

        run.AssertFailed(4, "there is no such process");
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_Interrupted_Is130()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using CommandRun run = CommandRun.Start(["watch", $"{process.Pid}", .. Fast]);
        run.WaitForOutput();

        run.Interrupt();
        run.Wait();

        Assert.NotEmpty(run.AssertLines(130));
        Assert.Empty(run.Error);
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void Watch_AsText_IsATableInAPipe()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();

        using CommandRun run = CommandRun.Of("watch", $"{process.Pid}", "--count", "2", "--interval", "50ms");

        run.AssertEnded(0);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith("0 of 1 process changed their layout in ", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(run.Output, static c => char.IsControl(c) && c != '\n');
        process.AssertRuns();
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Watch_AsAnotherUser_Is8AndNamesTheCapabilities()
    {
        using CommandRun run = CommandRun.AsNobody("watch", "--count", "1");

        run.AssertFailed(8, "CAP_BPF and CAP_PERFMON");
    }

    private static int Pid(JsonElement row) => row.GetProperty("pid").GetInt32();
}
