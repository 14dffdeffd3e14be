using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>The files that are installed beside the command say what the command says. <c>CM_APPROVE=1</c> writes them.</summary>
public sealed class CommandPagesTests
{
    [Fact]
    public void ManPage_TheCommandsDefinitions_AreWhatTheFileSays()
    {
        using StringWriter unused = new();
        AssertFile("man/cmadvise.1", ManPage.Write(Tool.CreateRoot(new CommandOutput(unused, unused, isTerminal: false))));
    }

    [Fact]
    public void ManPage_EveryCommandAndOptionOfTheHelp_IsInIt()
    {
        using StringWriter unused = new();
        System.CommandLine.Command root = Tool.CreateRoot(new CommandOutput(unused, unused, isTerminal: false));
        string page = ManPage.Write(root).Replace("\\-", "-", StringComparison.Ordinal);

        Assert.True(root.Subcommands.Count(static command => !command.Hidden) > 5, "the commands were found");
        Assert.All(root.Subcommands, command => Assert.Equal(!command.Hidden, page.Contains($"\"cmadvise {command.Name}", StringComparison.Ordinal)));
        Assert.All(root.Subcommands.Where(static command => !command.Hidden).SelectMany(static command => command.Options).Where(static option => !option.Hidden), option => Assert.Contains($"\\fB{option.Name}\\fR", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Completion_WhatTheCommandPrints_IsWhatTheFileSays()
    {
        ToolRun run = await ToolRun.OfAsync("completion");

        Assert.Equal(ExitCode.Done, run.Code);
        AssertFile("completions/cmadvise.bash", run.Output);
    }

    private static void AssertFile(string name, string expected)
    {
        string path = Path.Combine(SourceFile.SourceRoot(), "ConsistentMadvise.Cli", name);
        if (Environment.GetEnvironmentVariable("CM_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, $"{name} is not what the command says: look at what CM_APPROVE=1 makes of it");
    }
}
