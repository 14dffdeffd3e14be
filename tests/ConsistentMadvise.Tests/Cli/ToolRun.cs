using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>The command, run inside the test's process.</summary>
internal sealed record ToolRun(int Code, string Output, string Error)
{
    public static async Task<ToolRun> OfAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = await Tool.RunAsync(arguments, new CommandOutput(output, error, isTerminal: false), CancellationToken.None);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}
