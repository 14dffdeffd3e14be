using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>The context of <see cref="UsersProgram"/>: the pid is input, the rest output.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UsersSlot
{
    public const int Bytes = 24;
    public const short PidAt = ByPidProgram.PidAt;
    public const short StateAt = ByPidProgram.StateAt;
    public const short UsersAt = 8;
    public const short LiveThreadsAt = 12;
    public const short MmAt = 16;

    public int Pid;
    public SequenceState State;
    public int Users;
    public int LiveThreads;
    public ulong Mm;
}
