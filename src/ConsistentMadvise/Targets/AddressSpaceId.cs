using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Distinguishes address spaces, within this process only: equal while, and only while, the kernel's <c>mm_struct</c> is the same.</summary>
/// <remarks>
/// Derived from the address of the <c>mm_struct</c>, which must not be disclosed: it is mixed one to one with a per-process secret, so that
/// values never collide, and it never goes into a token, which identifies the address space by start time and exec count. An
/// address is reused once the <c>mm_struct</c> is freed; compare only while a maps descriptor pins it, as <see cref="AddressSpace"/> does.
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
        Errno errno = Kernel.GetRandom(out ulong secret);
        return errno.Ok ? secret : throw new PlatformNotSupportedException($"getrandom(2) failed: {errno}.");
    }
}
