using System.Text;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>Command lines that end before a process is looked at.</summary>
public sealed class ToolTests
{
    private const string Token = "cm1-4242-123456-77-3-000102030405060708090a0b0c0d0e0f";

    [Theory]
    [InlineData("")]
    [InlineData("doctor")]
    [InlineData("snapshot")]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("check")]
    [InlineData("watch")]
    [InlineData("recover")]
    [InlineData("demo")]
    [InlineData("completion")]
    public async Task Help_OfACommand_IsOnStdoutAlone(string command)
    {
        ToolRun run = await ToolRun.OfAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        Snapshot.Match(run.Output, $"help.{(command.Length == 0 ? "cmadvise" : command)}");
    }

    [Fact]
    public async Task Run_EveryKindOfUsageError_Is2WithASentenceThatSaysWhatToWrite()
    {
        StringBuilder table = new();
        foreach (string line in UsageErrors)
        {
            ToolRun run = await ToolRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.True(run is { Code: 2, Output: "" }, $"'{line}' ended with {run.Code}: {run.Output}{run.Error}");
            table.Append("cmadvise ").Append(line).Append('\n').Append(run.Error).Append('\n');
        }

        Snapshot.Match(table.ToString());
    }

    [Fact]
    public async Task Apply_PlanForAnotherProcess_Is2()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, HintPlan.Create(TestLayout.Of("00010000-00020000 rw-p 00000000 00:00 0 "), Advice.Cold, VmaFilter.All).ToJson());

        ToolRun run = await ToolRun.OfAsync("apply", "4243", "--plan", file);

        File.Delete(file);
        Assert.Equal((2, "The plan was made for process 4242, not for 4243.\n"), (run.Code, run.Error));
    }

    [Fact]
    public async Task Apply_FileThatIsNoPlan_Is2AndNamesIt()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "{}");

        ToolRun run = await ToolRun.OfAsync("apply", "--plan", file);

        File.Delete(file);
        Assert.Equal(2, run.Code);
        Assert.Contains($"'{file}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ResponseFile_IsNotRead()
    {
        ToolRun run = await ToolRun.OfAsync("snapshot", "@/proc/self/stat");

        Assert.Equal(2, run.Code);
        Assert.Contains("'@/proc/self/stat' is not a process id", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_OwnProcess_Is5()
    {
        ToolRun run = await ToolRun.OfAsync("snapshot", $"{Environment.ProcessId}");

        Assert.Equal(5, run.Code);
        Assert.Contains("madvise(2)", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cmadvise sn", "snapshot")]
    [InlineData("cmadvise snapshot 1 --so", "--sort")]
    [InlineData("cmadvise snapshot 1 --sort ", "address size path")]
    [InlineData("cmadvise apply 1 --advice ", "cold pageout willneed collapse")]
    [InlineData("cmadvise apply 1 --freezer cg", "cgroup")]
    [InlineData("/usr/local/bin/cmadvise wat", "watch")]
    public async Task Suggest_LineThatIsBegun_ListsWhatMayFollow(string line, string words)
    {
        ToolRun run = await ToolRun.OfAsync($"[suggest:{line.Length}]", line + " and what follows the cursor");
        ToolRun whole = await ToolRun.OfAsync("[suggest]", line);

        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        Assert.Equal(words.Split(' ').Order(StringComparer.Ordinal), run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal(run.Output, whole.Output);
    }

    private static readonly string[] UsageErrors =
    [
        "",
        "frobnicate",
        "snapshot",
        "snapshot 0",
        "snapshot -1",
        "snapshot 4294967296",
        "snapshot self",
        "snapshot 1 2",
        "snapshot 1 --sort name",
        "snapshot 1 --filter anon,,private",
        "snapshot 1 --filter",
        "snapshot 1 --unknown",
        "plan 1",
        "plan 1 --advice hot",
        "plan 1 --advice cold --range 1000",
        "plan 1 --advice cold --range 2000-1000",
        "plan 1 --advice cold --range 1000-2001",
        "apply",
        "apply 1",
        "apply --advice cold",
        "apply --plan",
        "apply --plan x --advice cold",
        "apply --plan x --filter anon",
        "apply --plan x --range 1000-2000",
        $"apply --plan x --token {Token}",
        "apply --plan /nonexistent/plan.json",
        $"apply 1 --advice cold --token {Token}",
        "apply 1 --advice cold --token cm2-1-2-3-4-5",
        "apply 1 --advice cold --match exact",
        "apply 1 --advice cold --match Layout",
        "apply 1 --advice cold --match layout --match ranges",
        "apply 1 --advice cold --consistency eventual",
        "apply 1 --advice cold --freezer ice",
        "apply 1 --advice cold --max-pause 5",
        "apply 1 --advice cold --max-pause 0ms",
        "apply 1 --advice cold --freeze-timeout 5m",
        "check 1",
        "check 1 --token 1",
        $"check 1 --token {Token}",
        "check 1 --token cm1-1-2-3-4-000102030405060708090a0b0c0d0e0f --match ranges",
        "apply 1 --advice cold --freeze-after-race",
        "watch 0",
        "watch 1 2",
        "watch --interval 49ms",
        "watch --interval 301s",
        "watch --interval none",
        "watch --count 0",
        "watch --top all",
        "recover 1",
        "demo 1",
    ];
}
