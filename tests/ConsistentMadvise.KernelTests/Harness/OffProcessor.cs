namespace ConsistentMadvise.KernelTests;

/// <summary>Whether threads that a freeze has stopped have left their processors.</summary>
/// <remarks>
/// The kernel calls a thread stopped, and a cgroup frozen, before it switches to another thread: until then the stopped one, which runs no code of its own, still uses time. Reading
/// <c>syscall</c> of it waits for the switch (<c>task_current_syscall</c> in <c>lib/syscall.c</c>), and says that it is running where there was none.
/// </remarks>
internal static class OffProcessor
{
    /// <summary>Waits until every thread of a held process has.</summary>
    public static void Await(int pid) => Eventually.Holds(() => IsTrueOf(pid), "every held thread has left its processor");

    /// <summary>Whether no thread of a process is on a processor, or waits for one.</summary>
    public static bool IsTrueOf(int pid) =>
        ThreadFiles.List(pid).All(tid => !ThreadFiles.TryRead(pid, tid, "syscall", out string call) || !call.StartsWith("running", StringComparison.Ordinal));
}
