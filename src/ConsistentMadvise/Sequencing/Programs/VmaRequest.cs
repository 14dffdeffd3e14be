using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>The head of one slot of the map that <see cref="VmaProgram"/> shares with the reader; <see cref="MaxEntries"/> of <see cref="VmaReading"/> follow.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct VmaRequest
{
    public const int MaxEntries = 256;
    public const int Bytes = 64;
    public const int SlotBytes = Bytes + MaxEntries * VmaReading.Bytes;
    public const short PidAt = 0;
    public const short CountAt = 4;
    public const short DoneAt = 8;
    public const short StateAt = 12;
    public const short MmAt = 16;
    public const short ExecIdAt = 24;
    public const short StartBoottimeAt = 32;
    public const short NodeAt = 40;
    public const short DepthAt = 48;
    public const short RetriesAt = 52;

    /// <summary>Input, as is <see cref="Count"/>.</summary>
    public int Pid;

    public uint Count;

    /// <summary>How many entries the program has begun.</summary>
    public uint Done;

    public SequenceState State;
    public ulong Mm;
    public ulong ExecId;
    public ulong StartBoottime;

    /// <summary>The program's own, as are the two below: values in memory do not keep the verifier from recognizing a loop.</summary>
    public ulong Node;

    public uint Depth;
    public uint Retries;
}
