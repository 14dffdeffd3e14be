using System.CommandLine;
using System.Text;
using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>cmadvise(1) in man(7), written from the definitions that the command parses by.</summary>
internal static class ManPage
{
    public static string Write(Command root)
    {
        StringBuilder page = new(".\\\" Written by CommandPagesTests from the definitions of the command; CM_APPROVE=1 writes it again.\n");
        page.Append(".TH CMADVISE 1 \"\" \"ConsistentMadvise\" \"User Commands\"\n");
        page.Append(".SH NAME\ncmadvise \\- give other processes memory hints, only while their layout is the planned one\n");
        page.Append(".SH SYNOPSIS\n.B cmadvise\n.I COMMAND\n[\\fIARGUMENT\\fR]\n[\\fIOPTION\\fR ...]\n");
        page.Append($".SH DESCRIPTION\n{Text(root.Description![..root.Description!.IndexOf("\n\n", StringComparison.Ordinal)])}");
        page.Append(".SH COMMANDS\n");
        foreach (Command command in root.Subcommands.Where(static command => !command.Hidden))
        {
            page.Append($".SS \"cmadvise {command.Name}{string.Concat(command.Arguments.Select(Show))}\"\n{Text(command.Description)}");
            AppendOptions(page, command.Options);
        }

        page.Append(".SH OPTIONS\nEvery command has these options.\n");
        AppendOptions(page, root.Options.Where(static option => option.Recursive));
        page.Append(".PP\nWithout a command:\n");
        AppendOptions(page, root.Options.Where(static option => !option.Recursive));
        page.Append(".SH EXIT STATUS\n");
        foreach (string code in ExitCode.Help[(ExitCode.Help.IndexOf(':', StringComparison.Ordinal) + 2)..].TrimEnd('.').Split("; "))
        {
            int space = code.IndexOf(' ', StringComparison.Ordinal);
            page.Append($".TP\n.B {code[..space]}\n{Text(code[(space + 1)..])}");
        }

        return page.Append(".SH SEE ALSO\n.BR process_madvise (2),\n.BR madvise (2),\n.BR pidfd_open (2),\n.BR proc_pid_maps (5),\n.BR cgroups (7)\n").ToString();
    }

    private static void AppendOptions(StringBuilder page, IEnumerable<Option> options)
    {
        foreach (Option option in options.Where(static option => !option.Hidden))
        {
            string names = string.Join(", ", option.Aliases.Where(static alias => alias[0] == '-').Prepend(option.Name).Select(static name => $"\\fB{Escape(name)}\\fR"));
            page.Append($".TP\n{names}{(option.HelpName is null ? "" : $" \\fI{Escape(option.HelpName)}\\fR")}\n{Text(option.Description)}");
        }
    }

    private static string Show(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.HelpName ?? argument.Name}]" : $" {argument.HelpName ?? argument.Name}";

    /// <summary>Paragraphs. A line that begins with a full stop or an apostrophe would be a request.</summary>
    private static string Text(string? description) =>
        string.Join(".PP\n", description!.Split("\n\n").Select(static text => $"{string.Join("\n.br\n", text.Split('\n').Select(static line => line[0] is '.' or '\'' ? $"\\&{Escape(line)}" : Escape(line)))}\n"));

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
