using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise check PID --token T</c>: whether a token still matches the layout of its process.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandOutput output)
    {
        Argument<int> pid = Options.Pid();
        Option<LayoutToken> token = Options.Token("The token, as 'cmadvise snapshot' printed it.");
        token.Required = true;
        Option<LayoutMatch> match = Options.Word(
            "--match", "What must be unchanged: the layout (an unmoved sequence proves it), or the kernel's layout sequence itself",
            ("layout", LayoutMatch.Layout), ("sequence", LayoutMatch.Sequence));
        Command command = new("check", "Check whether a layout token is still valid.") { pid, token, match };
        command.SetAction(parsed =>
        {
            LayoutToken then = parsed.GetValue(token);
            UsageException.ThrowIfOtherProcess("token", then, parsed.GetValue(pid));
            using ProcessTarget target = ProcessTarget.Open(parsed.GetValue(pid));
            TokenCheck check = TokenCheck.Run(target, then, parsed.GetValue(match));
            return output.Conclude(check.Code, check.Text, () => Show(check, output));
        });
        return command;
    }

    private static void Show(TokenCheck check, CommandOutput output)
    {
        if (output.IsJson)
        {
            output.Json(new CheckDocument(check.Matches, check.Code, check.Text, JsonName.Of(check.Match), []), JsonContext.Default.CheckDocument);
        }
        else if (check.Matches)
        {
            output.Line(check.Text);
        }

        if (!check.Matches)
        {
            output.Message(check.Text);
        }
    }
}
