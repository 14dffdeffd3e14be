using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise check PID --token T</c>: whether a token still stands for the layout of its process.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandOutput output)
    {
        Argument<int> pid = Options.Pid();
        Option<LayoutToken> token = Options.Token("The token, as 'cmadvise snapshot' printed it.");
        token.Required = true;
        Option<LayoutMatch> match = Options.Word(
            "--match", "What must be unchanged: the layout, for which an unmoved sequence is proof enough, or the kernel's layout sequence itself",
            ("layout", LayoutMatch.Layout), ("sequence", LayoutMatch.Sequence));
        Command command = new("check", "Tell whether a layout token is still true.") { pid, token, match };
        command.SetAction(parsed =>
        {
            LayoutToken then = parsed.GetValue(token);
            UsageException.ThrowIfOtherProcess("token", then, parsed.GetValue(pid));
            using ProcessTarget target = ProcessTarget.Open(parsed.GetValue(pid));
            TokenCheck check = TokenCheck.Run(target, then, parsed.GetValue(match));
            if (parsed.GetValue(output.JsonOption))
            {
                output.Json(new CheckDocument(check.Matches, JsonName.Of(check.Match), []), JsonContext.Default.CheckDocument);
            }
            else if (check.Matches)
            {
                output.Line(check.Text);
            }

            if (!check.Matches)
            {
                output.Message(check.Text);
            }

            return check.Code;
        });
        return command;
    }
}
