using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Places for the target's own mappings: far from the runtime's, far from each other, the same in every run.</summary>
/// <remarks>
/// Neighbours with equal attributes would merge into one VMA, and a test could not determine which line of maps is its own. A slot
/// begins at a multiple of 2 MiB (the unit of MADV_COLLAPSE) and has room after it for <c>mremap(2)</c> to grow in place.
/// </remarks>
internal static class Slots
{
    private const ulong First = 0x10_0000_0000;   // 64 GiB: inside the smallest user address space, 39 bits on arm64
    private const ulong Unit = 2 << 20;
    private const ulong Room = 32 << 20;

    private static ulong s_next = First;

    /// <summary>Maps the next slot. <c>MAP_FIXED_NOREPLACE</c> refuses a place that is taken (Linux 4.17).</summary>
    public static int Map(ulong length, int protection, int flags, int descriptor, out ulong address) =>
        Native.Map(Take(length), length, protection, flags | LibC.MAP_FIXED_NOREPLACE, descriptor, out address);

    /// <summary>The address of the next slot, which it uses up.</summary>
    public static ulong Take(ulong length)
    {
        ulong address = s_next;
        s_next += ((length + Unit - 1) & ~(Unit - 1)) + Room;
        return address;
    }

    /// <summary>Forgets the slots of the rehearsal, which has unmapped them all.</summary>
    public static void Reset() => s_next = First;
}
