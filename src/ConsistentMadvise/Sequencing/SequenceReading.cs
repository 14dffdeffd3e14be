namespace ConsistentMadvise;

/// <summary>The kernel's layout sequence of one process at one moment: <c>mm->mm_lock_seq</c> (<c>include/linux/mmap_lock.h</c>).</summary>
/// <param name="State">What was found; without <see cref="SequenceState.Read"/> the rest means nothing.</param>
/// <param name="Sequence">Moves by 1 when the address space is locked for writing and by 1 when it is unlocked. Wraps at 2^32.</param>
/// <param name="AddressSpace">Which address space, within this process.</param>
/// <param name="ExecId">How often the process and its forebears executed a program; moves at each <c>execve(2)</c>, shortly behind the address space.</param>
/// <param name="VmaCount">The number of VMAs, without <c>[vsyscall]</c>.</param>
/// <param name="StartTime">When the process started, as <see cref="ProcessIdentity.StartTime"/>.</param>
/// <remarks>
/// The program orders its reads before and after everything else that the calling thread does, on every architecture. So an equal and even
/// sequence before and after a deed proves that no writer was inside during it; and what was decided from the text between two equal reads
/// holds for as long as a third is equal, up to <see cref="TrustedFor"/>.
/// </remarks>
internal readonly record struct SequenceReading(
    SequenceState State, uint Sequence, AddressSpaceId AddressSpace, ulong ExecId, int VmaCount, ulong StartTime)
{
    /// <summary>How long a sequence may be compared with: the fastest loop seen made 2.11 million moves a second and so 2^32 in 34 minutes.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(5);

    /// <summary>Whether a writer was inside: the layout was changing, or about to.</summary>
    public bool IsWriting => (Sequence & 1) != 0;

    /// <summary>Whether the layout is the one of an earlier reading that is not older than <see cref="TrustedFor"/>: the same address space, and nobody was inside since.</summary>
    public bool IsUnchangedSince(in SequenceReading earlier) =>
        State == SequenceState.Read && earlier.State == SequenceState.Read && Sequence == earlier.Sequence && !IsWriting
        && AddressSpace == earlier.AddressSpace && ExecId == earlier.ExecId && StartTime == earlier.StartTime;

    public static SequenceReading From(in SequenceSlot slot) => new(
        slot.State, slot.Sequence, AddressSpaceId.Of(slot.Mm), slot.ExecId, slot.VmaCount, StartTicks.FromBoottime(slot.StartBoottime));
}
