using System.Runtime.CompilerServices;

namespace ConsistentMadvise.Tests;

/// <summary>Every engine begins with a recovery: those of these tests must not thaw what a kernel test beside them has left frozen.</summary>
internal static class JournalsForTests
{
    [ModuleInitializer]
    internal static void Set() => JournalRoots.Given = [Path.Combine(Path.GetTempPath(), $"consistent-madvise-no-journals-{Environment.ProcessId}")];
}
