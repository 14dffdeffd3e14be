using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>A program that starts a guard and says how it handles signals before that, after that, and after it has started a process by .NET's means.</summary>
internal static class GuardedHost
{
    public const string Command = "guarded-host";

    /// <summary>Runs it as a process of its own, and returns the three.</summary>
    public static string[] Look()
    {
        ProcessStartInfo info = new() { RedirectStandardOutput = true };
        RaceTargetProgram.Configure(info.Environment);
        info.FileName = Path.Combine(info.Environment["DOTNET_ROOT"]!, "dotnet");
        info.ArgumentList.Add(typeof(GuardedHost).Assembly.Location);
        info.ArgumentList.Add(Command);
        using Process host = Process.Start(info)!;
        string output = host.StandardOutput.ReadToEnd();
        Assert.True(host.WaitForExit(Eventually.Patience));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The other side.</summary>
    public static int Run()
    {
        List<string> seen = [ReadDispositions()];
        JournalEntryHead nothing = new(false, FreezerKind.Signal, int.MaxValue, 0, 0);
        using IFreezeRecord? record = FreezeRecords.Shared.Create(new JournalEntry(nothing, default), allowsUnguarded: false, out string why);
        seen.Add(record is null ? why : ReadDispositions());
        using (Process other = Process.Start("true"))
        {
            other.WaitForExit();
        }

        seen.Add(ReadDispositions());
        using Stream output = Console.OpenStandardOutput();
        output.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', seen)));
        return 0;
    }

    private static string ReadDispositions() => string.Join(' ', File.ReadLines("/proc/self/status").Where(static line => line.StartsWith("SigIgn", StringComparison.Ordinal) || line.StartsWith("SigCgt", StringComparison.Ordinal)));
}
