using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Runs the tool for one command line.</summary>
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
            throw new PlatformNotSupportedException("cmadvise supports only Linux.");
        }

        Command root = CreateRoot(output);

        // No response files: a file name or a filter may begin with '@'.
        ParserConfiguration grammar = new() { ResponseFileTokenReplacer = null };
        if (Completions.TryWrite(args, root, grammar, output))
        {
            return ExitCode.Done;
        }

        ParseResult parsed = root.Parse(args, grammar);
        output.IsJson = parsed.GetResult(output.JsonOption) is { Implicit: false };
        if (parsed.Action is ParseErrorAction)
        {
            string problems = string.Join('\n', parsed.Errors.Select(Explain).Distinct());
            return Failure.Report(ExitCode.Usage, $"{problems}\nSee '{Name(parsed)} --help'.", null, null, output);
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

    /// <summary>What is wrong. The parser's own message for a repeated option is misleading.</summary>
    private static string Explain(ParseError error) =>
        error.SymbolResult is OptionResult { Option.Arity.MaximumNumberOfValues: > 1 and int most } given && given.Tokens.Count > most
            ? string.Create(CultureInfo.InvariantCulture, $"Option '{given.Option.Name}' takes at most {most} values; select less at a time, or use --filter.")
            : error.Message;

    /// <remarks>Not a RootCommand: that takes its name from the file, which differs where tests or 'dotnet' run it.</remarks>
    internal static Command CreateRoot(CommandOutput output)
    {
        Command root = new("cmadvise", $"Hints the memory of other processes with process_madvise(2), only while their layout is the one that was planned.\n\n{ExitCode.Help}")
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
            GuardCommand.Create(output),
            HelperCommand.Create(output),
            CompletionCommand.Create(output),
        };
        root.Options.Add(output.JsonOption);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        return root;
    }

    private static string Name(ParseResult parsed) =>
        parsed.CommandResult == parsed.RootCommandResult ? "cmadvise" : $"cmadvise {parsed.CommandResult.Command.Name}";
}
