using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>One address of a <see cref="VmaRequest"/>, and what <see cref="VmaProgram"/> found there.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmaReading
{
    public const int Bytes = 32;
    public const short AddressAt = 0;
    public const short StartAt = 8;
    public const short EndAt = 16;
    public const short LockedAtAt = 24;
    public const short SequenceAt = 28;

    /// <summary>Input.</summary>
    public ulong Address;

    /// <summary>The VMA's range; both are 0 if no VMA contains the address.</summary>
    public ulong Start;

    public ulong End;

    /// <summary>The sequence of the address space at which the VMA was last locked for writing: <c>vm_lock_seq</c>.</summary>
    public uint LockedAt;

    /// <summary>The sequence of the address space during the walk; odd if a writer was inside or came, and the rest means nothing.</summary>
    public uint Sequence;

    /// <summary>Whether the walk saw one state of the tree.</summary>
    public readonly bool IsSettled => (Sequence & 1) == 0;

    /// <summary>Whether the VMA was locked for writing after a sequence at which the same address space was at rest.</summary>
    /// <remarks>
    /// Compared as a distance: a VMA that was locked long before, half the counter's range or more, must not look like one locked after. A VMA that
    /// was copied by fork and never locked has the counter's last value, which is outside of any such distance too.
    /// </remarks>
    public readonly bool WasLockedAfter(uint sequence) => unchecked(LockedAt - sequence - 1) < unchecked(Sequence - sequence);
}
