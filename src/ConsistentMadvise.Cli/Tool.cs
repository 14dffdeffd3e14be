using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ConsistentMadvise.Cli;

/// <summary>The whole tool, for one command line.</summary>
internal static class Tool
{
    public static async Task<int> RunAsync(string[] args, CommandOutput output, CancellationToken cancellationToken)
    {
        try
        {
            int code = await InvokeAsync(args, output, cancellationToken).ConfigureAwait(false);
            output.Flush();
            return code;
        }
        catch (Exception failure)
        {
            return Failure.Report(failure, output, cancellationToken);
        }
    }

    private static async Task<int> InvokeAsync(string[] args, CommandOutput output, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("cmadvise works with the Linux kernel; this is another system.");
        }

        Command root = CreateRoot(output);

        // No response files: a file name or a filter may begin with '@'.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (string message in parsed.Errors.Select(static error => error.Message).Distinct())
            {
                output.Message(message);
            }

            output.Message($"See '{Name(parsed)} --help'.");
            return ExitCode.Usage;
        }

        // Signals are handled in Program, failures in RunAsync.
        InvocationConfiguration configuration = new()
        {
            Output = output.Writer,
            Error = output.ErrorWriter,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>Not a RootCommand: that takes its name from the file, which differs where tests or 'dotnet' run it.</remarks>
    private static Command CreateRoot(CommandOutput output)
    {
        Command root = new("cmadvise", $"Hints the memory of other processes with process_madvise(2), and only while their layout is the one that the plan was made from.\n\n{ExitCode.Help}")
        {
            DoctorCommand.Create(output),
            SnapshotCommand.Create(output),
            PlanCommand.Create(output),
            ApplyCommand.Create(output),
            CheckCommand.Create(output),
            WatchCommand.Create(output),
            RecoverCommand.Create(output),
            DemoCommand.Create(output),
            DemoTargetCommand.Create(output),
        };
        root.Options.Add(output.JsonOption);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        return root;
    }

    private static string Name(ParseResult parsed) =>
        parsed.CommandResult == parsed.RootCommandResult ? "cmadvise" : $"cmadvise {parsed.CommandResult.Command.Name}";
}
