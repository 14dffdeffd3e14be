using System.Runtime.InteropServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>A child that a host has forked and that executes nothing: it keeps every descriptor and every lock of the host.</summary>
internal static partial class ForkedChild
{
    /// <summary>Forks one, which sleeps until it is killed. Returns its pid.</summary>
    /// <remarks>Only the calling thread is in the child: it makes system calls alone.</remarks>
    public static int Leave()
    {
        int pid = fork();
        while (pid == 0)
        {
            _ = pause();
        }

        return pid;
    }

    [LibraryImport("libc")]
    private static partial int fork();

    [LibraryImport("libc")]
    private static partial int pause();
}
