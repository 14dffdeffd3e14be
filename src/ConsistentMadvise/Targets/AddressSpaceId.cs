using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>Tells address spaces apart, within this process only: equal while, and only while, the kernel's <c>mm_struct</c> is the same.</summary>
/// <remarks>
/// Made from the address of the <c>mm_struct</c>, which must not be shown: it is mixed with a secret of this process, one to one, so that
/// nothing is lost to collisions, and it never goes into a token: there the start time and the exec count stand for the address space. An
/// address is used again once nobody holds the <c>mm_struct</c>; so compare while a maps descriptor pins it, as that of <see cref="AddressSpace"/> does.
/// </remarks>
internal readonly record struct AddressSpaceId
{
    private static readonly ulong Mask = Secret();
    private static readonly ulong Factor = Secret() | 1;

    private readonly ulong _value;

    private AddressSpaceId(ulong value) => _value = value;

    public static AddressSpaceId None => default;

    public static AddressSpaceId Of(ulong mm) => mm == 0 ? None : new((mm ^ Mask) * Factor);

    public override string ToString() => this == None ? "none" : "opaque";

    private static ulong Secret()
    {
        Guid random = Guid.NewGuid();
        return MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(in random)));
    }
}
