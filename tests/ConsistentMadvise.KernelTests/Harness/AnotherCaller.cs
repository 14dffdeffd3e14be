using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the library finds in a process that is not this one: with other rights, or in other namespaces.</summary>
/// <param name="Obstacle">What keeps it from reading sequences.</param>
/// <param name="Reason">The same for people, or the message of the exception.</param>
/// <param name="Processes">The processes whose sequences it read.</param>
internal sealed record AnotherCaller(string Obstacle, string Reason, IReadOnlyList<string> Processes)
{
    public const string SequencesCommand = "sequences";

    /// <summary>Runs this assembly through a command that changes its rights or its view.</summary>
    public static AnotherCaller Ask(string command, params string[] arguments)
    {
        ProcessStartInfo info = new(command, arguments) { RedirectStandardOutput = true };
        RaceTargetProgram.Configure(info.Environment);
        info.ArgumentList.Add(Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet"));
        info.ArgumentList.Add(typeof(AnotherCaller).Assembly.Location);
        info.ArgumentList.Add(SequencesCommand);
        using Process process = Process.Start(info)!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n');
        Assert.True(process.WaitForExit(Eventually.Patience), $"{command} has exited");
        Assert.Equal(0, process.ExitCode);
        return new AnotherCaller(lines[0], lines[1], lines[2..^1]);
    }

    /// <summary>The other side of <see cref="Ask"/>.</summary>
    public static int TellSequences(TextWriter output)
    {
        SequenceReader reader = SequenceReader.Shared;
        output.Write($"{reader.Availability.Obstacle}\n");
        try
        {
            LayoutSequences sequences = LayoutSequences.ReadAll();
            output.Write($"{reader.Availability.Reason}\n");
            foreach (LayoutSequence sequence in sequences)
            {
                output.Write($"{sequence.Process.Pid}{(sequence.Process.Pid == Environment.ProcessId ? Describe(sequence) : string.Empty)}\n");
            }
        }
        catch (PlatformNotSupportedException unsupported)
        {
            output.Write($"{unsupported.Message}\n");
        }

        return 0;
    }

    private static string Describe(LayoutSequence self)
    {
        bool isParsed = ProcStat.TryRead(File.ReadAllBytes("/proc/self/stat"), out ProcStat stat);
        return isParsed && stat.StartTime == self.Process.StartTime ? " is the caller" : " is another process than the caller";
    }
}
