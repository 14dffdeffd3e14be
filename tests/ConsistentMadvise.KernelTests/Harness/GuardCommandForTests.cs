using System.Runtime.CompilerServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>Has the guards of the tests be the command of this build, wherever the tests run from.</summary>
internal static class GuardCommandForTests
{
    [ModuleInitializer]
    internal static void Set() => GuardBinary.Given = CommandRun.Path;
}
