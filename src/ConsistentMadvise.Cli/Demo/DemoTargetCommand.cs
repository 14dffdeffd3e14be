using System.CommandLine;

namespace ConsistentMadvise.Cli;

/// <summary><c>cmadvise demo-target</c>: the process that <c>demo</c> hints; hidden from the help.</summary>
internal static class DemoTargetCommand
{
    public const string Name = "demo-target";
    public const string Ping = "ping";
    public const string Replace = "replace";
    public const string Failed = "failed";

    public static Command Create(CommandOutput output)
    {
        Argument<string> directory = new("DIRECTORY") { Description = "The directory of the files that it maps." };
        Command command = new(Name, "The process that the demo hints.") { directory };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), output));
        return command;
    }

    private static int Run(string directory, CommandOutput output)
    {
        DemoMemory memory;
        try
        {
            memory = new DemoMemory(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // Disk full, or above the file size limit, which .NET reports as ArgumentOutOfRangeException.
            output.Writer.WriteLine($"{Failed} {failure.Message}");
            return ExitCode.Refused;
        }

        using (memory)
        {
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
        }

        return ExitCode.Done;
    }

    private static void Reply(CommandOutput output, string text)
    {
        output.Writer.WriteLine($"ok {text}");
        output.Flush();
    }
}
