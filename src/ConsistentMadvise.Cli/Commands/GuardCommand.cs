using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise guard</c>: the process that thaws what an engine has frozen. Started by engines; hidden from the help.</summary>
internal static class GuardCommand
{
    public static Command Create(CommandOutput output)
    {
        Argument<string> journal = new("JOURNAL") { Description = "The directory of the engine's journal." };
        Command command = new(GuardBinary.Mode, "Guards the freezes of an engine.") { journal };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetRequiredValue(journal), output));
        return command;
    }

    private static int Run(string journal, CommandOutput output)
    {
        void Say(string text)
        {
            output.Writer.WriteLine(text);
            output.Flush();
        }

        if (GuardProgram.Run(journal, Say, out string why))
        {
            return ExitCode.Done;
        }

        Say(why);
        return ExitCode.Refused;
    }
}
