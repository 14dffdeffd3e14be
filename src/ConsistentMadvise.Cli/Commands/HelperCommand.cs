using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise helper</c>: the process that applies the plans of another program. Engines start it; it is not in the help.</summary>
internal static class HelperCommand
{
    public static Command Create(CommandOutput output)
    {
        Argument<int> host = new("PID") { Description = "The program that it works for, its parent." };
        Command command = new(HelperStart.Mode, "Applies the plans of another program.") { host };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetRequiredValue(host), output));
        return command;
    }

    private static int Run(int host, CommandOutput output)
    {
        void Say(string text)
        {
            output.Writer.WriteLine(text);
            output.Flush();
        }

        if (HelperProgram.Run(host, Say, out string why))
        {
            return ExitCode.Done;
        }

        Say(why);
        return ExitCode.Refused;
    }
}
