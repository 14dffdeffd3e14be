using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>One process's slot of the program's context: the pid is input, the rest output.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SequenceSlot
{
    public const int Bytes = 40;
    public const short PidAt = ByPidProgram.PidAt;
    public const short StateAt = ByPidProgram.StateAt;
    public const short SequenceAt = 8;
    public const short VmaCountAt = 12;
    public const short ExecIdAt = 16;
    public const short MmAt = 24;
    public const short StartBoottimeAt = 32;

    public int Pid;
    public SequenceState State;
    public uint Sequence;
    public int VmaCount;
    public ulong ExecId;
    public ulong Mm;
    public ulong StartBoottime;
}
