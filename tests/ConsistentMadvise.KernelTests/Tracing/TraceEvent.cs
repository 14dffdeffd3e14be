namespace ConsistentMadvise.KernelTests;

/// <summary>One record of the kernel's trace.</summary>
/// <param name="Order">Its place among all records of all processors; no two are equal.</param>
/// <param name="Thread">The thread that it happened to.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Name">The system call; of a mark its text.</param>
/// <param name="First">The first argument; of an exit what the call returned, of a new task its thread id.</param>
/// <param name="Second">The second argument; of a new task its clone flags.</param>
/// <param name="Third">The third argument.</param>
internal readonly record struct TraceEvent(
    ulong Order, int Thread, TraceEventKind Kind, string Name, ulong First = 0, ulong Second = 0, ulong Third = 0)
{
    /// <summary>Whether a call came back without an error. <c>mmap(2)</c> and its like answer with addresses, errors are the last page of numbers.</summary>
    public bool HasSucceeded => Kind == TraceEventKind.Exit && First < unchecked((ulong)-4095);
}
