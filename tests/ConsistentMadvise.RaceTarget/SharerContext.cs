using System.Runtime.InteropServices;

namespace ConsistentMadvise.RaceTarget;

/// <summary>What <see cref="SharerCode"/> works with; it knows these offsets by heart.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct SharerContext
{
    [FieldOffset(0)]
    public int RequestDescriptor;

    [FieldOffset(4)]
    public int ReplyDescriptor;

    [FieldOffset(8)]
    public SharerRequest Request;

    [FieldOffset(64)]
    public long Result;

    /// <summary>Written by <c>CLONE_PARENT_SETTID</c>, before a vfork parent begins to wait.</summary>
    [FieldOffset(72)]
    public int Pid;
}
