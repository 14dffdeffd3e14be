namespace ConsistentMadvise.Interop;

/// <summary>The macros of <c>sys/wait.h</c> over the status word of <c>wait4(2)</c>.</summary>
internal readonly record struct WaitStatus(int Value)
{
    public bool IsStopped => (Value & 0xff) == 0x7f;

    /// <summary>Whether a signal killed it; a single thread's exit is never by signal.</summary>
    public bool IsKilled => !IsStopped && (Value & 0x7f) != 0;

    public int StopSignal => (Value >> 8) & 0xff;

    public int PtraceEvent => Value >> 16;
}
