using System.Runtime.InteropServices;

namespace ConsistentMadvise.RaceTarget;

/// <summary><c>struct io_uring_sqe</c> of <c>linux/io_uring.h</c>, as <c>IORING_OP_MADVISE</c> uses it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UringRequest
{
    [FieldOffset(0)]
    public byte Operation;

    [FieldOffset(1)]
    public byte Flags;

    [FieldOffset(4)]
    public int Descriptor;

    [FieldOffset(16)]
    public ulong Address;

    [FieldOffset(24)]
    public uint Length;

    [FieldOffset(28)]
    public int Advice;
}
