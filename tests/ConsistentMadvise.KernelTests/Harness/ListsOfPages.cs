using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>The lists in which each processor keeps pages that it has brought lately: PAGEOUT by another processor does not take what is in them.</summary>
internal static unsafe class ListsOfPages
{
    /// <summary>Empties those of all processors: move_pages(2) begins with it, also when it has none to move. A kernel without it (CONFIG_MIGRATION) leaves them as they are.</summary>
    public static void Empty()
    {
        int number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 239 : 279;
        int node = 0, status = 0;
        _ = LibC.syscall(number, 0, 0, null, &node, &status, 0);
    }
}
