using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The kernel's layout sequence of one process at one moment: <c>mm->mm_lock_seq</c> (<c>include/linux/mmap_lock.h</c>).</summary>
/// <param name="State">The result; the rest is valid only with <see cref="SequenceState.Read"/>.</param>
/// <param name="Sequence">Moves by 1 when the address space is locked for writing and by 1 when it is unlocked. Wraps at 2^32.</param>
/// <param name="AddressSpace">Identifies the address space, within this process.</param>
/// <param name="ExecId"><c>self_exec_id</c>: inherited across fork, incremented by <c>execve(2)</c> shortly after <c>mm</c> is replaced.</param>
/// <param name="VmaCount">The number of VMAs, without <c>[vsyscall]</c>.</param>
/// <param name="StartTime">The start time, as in <see cref="ProcessIdentity.StartTime"/>.</param>
/// <remarks>
/// The program orders its reads before and after everything else that the calling thread does, on every architecture. So an equal and even
/// sequence before and after an action proves that no writer held the lock during it; and what was decided from the text between two equal reads
/// is valid while a later read is equal, up to <see cref="TrustedFor"/>.
/// </remarks>
[RunsFrozen]
internal readonly record struct SequenceReading(
    SequenceState State, uint Sequence, AddressSpaceId AddressSpace, ulong ExecId, int VmaCount, ulong StartTime)
{
    /// <summary>Why the kernel did not run the program; <see cref="Errno.None"/> if it ran.</summary>
    public Errno Errno { get; init; }

    /// <summary>How long a sequence is comparable: the fastest loop seen made 2.11 million moves a second, which wraps 2^32 in 34 minutes.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(5);

    /// <summary>Whether a writer held the lock: the layout was changing, or about to.</summary>
    public bool IsWriting => (Sequence & 1) != 0;

    /// <summary>Whether the layout is that of an earlier reading, at most <see cref="TrustedFor"/> old: the same address space, not write-locked since.</summary>
    public bool IsUnchangedSince(in SequenceReading earlier) =>
        State == SequenceState.Read && earlier.State == SequenceState.Read && Sequence == earlier.Sequence && !IsWriting
        && AddressSpace == earlier.AddressSpace && ExecId == earlier.ExecId && StartTime == earlier.StartTime;

    public static SequenceReading From(in SequenceSlot slot) => new(
        slot.State, slot.Sequence, AddressSpaceId.Of(slot.Mm), slot.ExecId, slot.VmaCount, StartTicks.FromBoottime(slot.StartBoottime));
}
