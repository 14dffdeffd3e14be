using System.Diagnostics;

namespace ConsistentMadvise.Benchmarks;

/// <summary>The same freezes in plain C, by a program that is compiled when it is needed.</summary>
internal sealed class FreezeFloor : IDisposable
{
    private static readonly Lazy<string?> Program = new(static () => FloorProgram.Compile("freeze"));

    private readonly Process _process;

    private FreezeFloor(Process process) => _process = process;

    /// <summary>Null when this machine has no C compiler.</summary>
    public static FreezeFloor? TryStart(int pid, string? cgroup)
    {
        if (Program.Value is not string program)
        {
            return null;
        }

        string[] arguments = cgroup is null ? [$"{pid}"] : [$"{pid}", cgroup];
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.AutoFlush = true;
        return new FreezeFloor(process);
    }

    /// <summary>Freezes and thaws once.</summary>
    public (TimeSpan Freeze, TimeSpan Thaw) Run(string way)
    {
        _process.StandardInput.WriteLine(way);
        string[] words = _process.StandardOutput.ReadLine()?.Split(' ') ?? throw new InvalidOperationException($"The floor of '{way}' has failed.");
        return (TimeSpan.FromMicroseconds(long.Parse(words[0]) / 1000.0), TimeSpan.FromMicroseconds(long.Parse(words[1]) / 1000.0));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
