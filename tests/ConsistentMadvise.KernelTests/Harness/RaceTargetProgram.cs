using System.Reflection;
using System.Runtime.InteropServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>Where the race target was built, and what it needs to start.</summary>
internal static class RaceTargetProgram
{
    public static string Path { get; } = typeof(RaceTargetProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static data => data.Key == "RaceTarget").Value!;

    public static void Configure(IDictionary<string, string?> environment)
    {
        // The runtime that runs the tests: <root>/shared/Microsoft.NETCore.App/<version>/
        environment["DOTNET_ROOT"] = System.IO.Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());

        // Without the thread that serves debuggers and profilers, and whatever the caller of the tests has set for itself.
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0";
        environment.Remove("DOTNET_TieredCompilation");
        environment.Remove("DOTNET_gcServer");
    }
}
