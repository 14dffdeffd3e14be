using System.Text.Json;
using ConsistentMadvise.Tests.Cli;

namespace ConsistentMadvise.Tests;

/// <summary>With <c>--json</c> a command that failed printed nothing to stdout: a script had to parse a sentence of stderr.</summary>
public sealed class AFailureWithJsonPrintedNoObject
{
    [Theory]
    [InlineData("frobnicate", 2, "usage")]
    [InlineData("snapshot", 2, "usage")]
    [InlineData("snapshot 0", 2, "usage")]
    [InlineData("plan 1", 2, "usage")]
    [InlineData("apply", 2, "usage")]
    [InlineData("apply --plan /nonexistent/plan.json", 2, "usage")]
    [InlineData("apply --plan /proc/self/stat", 2, "usage")]
    [InlineData("watch --interval 1ms", 2, "usage")]
    [InlineData("snapshot 2147483647", 4, "targetExited")]
    [InlineData("plan 2147483647 --advice cold", 4, "targetExited")]
    [InlineData("apply 2147483647 --advice cold", 4, "targetExited")]
    [InlineData("check 2147483647 --token cm1-2147483647-2-3-4-000102030405060708090a0b0c0d0e0f", 4, "targetExited")]
    public async Task Run_FailureWithJson_IsOneObjectWithTheCodeAndTheMessage(string line, int code, string status)
    {
        ToolRun run = await ToolRun.OfAsync([.. line.Split(' '), "--json"]);

        Assert.Equal(code, run.Code);
        using JsonDocument document = JsonDocument.Parse(Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        JsonElement failure = document.RootElement;
        Assert.Equal((code, status), (failure.GetProperty("exitCode").GetInt32(), failure.GetProperty("status").GetString()));
        Assert.Equal(run.Error.TrimEnd('\n'), failure.GetProperty("message").GetString());
        if (code == 4)
        {
            Assert.Equal((int.MaxValue, "notFound"), (failure.GetProperty("pid").GetInt32(), failure.GetProperty("reason").GetString()));
        }
    }

    [Fact]
    public async Task Run_FailureWithoutJson_LeavesStdoutEmpty() => Assert.Equal((4, string.Empty), await CodeAndOutputAsync("snapshot", "2147483647"));

    private static async Task<(int Code, string Output)> CodeAndOutputAsync(params string[] arguments)
    {
        ToolRun run = await ToolRun.OfAsync(arguments);
        return (run.Code, run.Output);
    }
}
