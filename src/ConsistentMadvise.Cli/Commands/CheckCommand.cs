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
        Command command = new("check", "Tell whether a layout token is still true.") { pid, token };
        command.SetAction(parsed =>
        {
            LayoutToken then = parsed.GetValue(token);
            UsageException.ThrowIfOtherProcess("token", then, parsed.GetValue(pid));
            using ProcessTarget target = ProcessTarget.Open(parsed.GetValue(pid));
            LayoutToken now = target.ReadToken();
            if (!now.Matches(then))
            {
                // Twice before it is believed: a read of a running process may miss a line that was there all along.
                now = target.ReadToken();
            }

            bool matches = now.Matches(then);
            string text = matches ? $"The token holds: process {target.Pid} has the layout it stands for."
                : !now.Process.IsSameProcess(then.Process) ? $"The process of the token has ended, and pid {target.Pid} belongs to another now."
                : $"The token is stale: the layout of process {target.Pid} has changed ({then.VmaCount} VMAs then, {now.VmaCount} now); take a new snapshot.";
            if (parsed.GetValue(output.JsonOption))
            {
                output.Json(new CheckDocument(matches, JsonName.Of(LayoutMatch.Layout), []), JsonContext.Default.CheckDocument);
            }
            else if (matches)
            {
                output.Line(text);
            }

            if (!matches)
            {
                output.Message(text);
            }

            return matches ? ExitCode.Done : now.Process.IsSameProcess(then.Process) ? ExitCode.Stale : ExitCode.TargetGone;
        });
        return command;
    }
}
