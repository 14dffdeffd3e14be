using System.Runtime.InteropServices;

namespace ConsistentMadvise.RaceTarget;

/// <summary>What a handler of <see cref="X64Code"/> maps, and how often it did; the code knows these offsets by heart.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct HandlerContext
{
    /// <summary>Where it maps next.</summary>
    [FieldOffset(0)]
    public ulong Next;

    /// <summary>How far on it maps the time after.</summary>
    [FieldOffset(8)]
    public ulong Step;

    [FieldOffset(16)]
    public ulong Length;

    [FieldOffset(24)]
    public ulong Protection;

    [FieldOffset(32)]
    public ulong Flags;

    [FieldOffset(40)]
    public long Mapped;

    [FieldOffset(48)]
    public long Refused;
}
