using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise demo-target</c>: the process that <c>demo</c> hints. Not for people, and not in the help.</summary>
internal static class DemoTargetCommand
{
    public const string Name = "demo-target";
    public const string Ping = "ping";
    public const string Replace = "replace";

    public static Command Create(CommandOutput output)
    {
        Argument<string> directory = new("DIRECTORY") { Description = "Where the files are made that it maps." };
        Command command = new(Name, "The process that the demo hints.") { directory };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            using DemoMemory memory = new(parsed.GetRequiredValue(directory));
            Reply(output, $"{memory.File:x} {memory.Anonymous:x}");
            using StreamReader commands = new(Console.OpenStandardInput());
            while (commands.ReadLine() is { } line)
            {
                if (line == Replace)
                {
                    memory.Replace();
                }

                Reply(output, $"{memory.File:x}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Reply(CommandOutput output, string text)
    {
        output.Writer.WriteLine($"ok {text}");
        output.Flush();
    }
}
