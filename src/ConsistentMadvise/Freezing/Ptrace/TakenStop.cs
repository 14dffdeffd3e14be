using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds a stop that no wait reports any more.</summary>
/// <remarks>
/// Tracees are waited for like children of the whole process. A thread of the host that waits for any child (<c>waitpid(-1)</c>) without <c>__WNOTHREAD</c> may receive the stops that the tracing thread waits
/// for, and the kernel reports each stop once. <c>PTRACE_GETSIGINFO</c> succeeds only for a tracee that has stopped.
/// </remarks>
internal static class TakenStop
{
    /// <summary>Whether a tracee has stopped, reported or not.</summary>
    /// <param name="tid">The tracee.</param>
    /// <param name="heldSignal">The signal that it stopped for, which must still be delivered to it; 0 if it stopped for the freeze.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Find(int tid, out int heldSignal)
    {
        Errno errno = Kernel.ReadStop(tid, out int signal, out int code);
        heldSignal = code >> 8 == Uapi.PTRACE_EVENT_STOP ? 0 : signal;
        return errno.Ok;
    }
}
