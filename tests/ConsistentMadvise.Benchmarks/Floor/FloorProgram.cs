using System.ComponentModel;
using System.Diagnostics;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Compiles the C programs of this folder when they are needed.</summary>
internal static class FloorProgram
{
    /// <summary>Returns the path of the program; null when this machine has no C compiler.</summary>
    public static string? Compile(string name)
    {
        string program = Path.Combine(Path.GetTempPath(), $"consistent-madvise-{name}-{Environment.ProcessId}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(program);
        try
        {
            using Process compiler = Process.Start("cc", ["-O2", "-pthread", "-o", program, Path.Combine(AppContext.BaseDirectory, "Floor", $"{name}.c")]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? program : throw new InvalidOperationException($"cc did not compile Floor/{name}.c.");
        }
        catch (Win32Exception)
        {
            return null; // no cc
        }
    }
}
