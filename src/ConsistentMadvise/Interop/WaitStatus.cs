namespace ConsistentMadvise.Interop;

/// <summary>The macros of <c>sys/wait.h</c> over the status word of <c>wait4(2)</c>.</summary>
internal readonly record struct WaitStatus(int Value)
{
    public bool IsStopped => (Value & 0xff) == 0x7f;

    public int StopSignal => (Value >> 8) & 0xff;

    public int PtraceEvent => Value >> 16;
}
