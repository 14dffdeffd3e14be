using System.Buffers;
using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>The XXH128 of one line of maps without its newline.</summary>
internal static class MapsLineHash
{
    private const int LongestStackLine = 4096;

    /// <summary>Hashes a line as the kernel wrote it.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> line) => XxHash128.HashToUInt128(line);

    /// <summary>Hashes the line that the kernel writes for a VMA. Allocates only for names of several thousand bytes.</summary>
    /// <param name="vma">The VMA; its name fields are ignored.</param>
    /// <param name="name">The name as in maps, with newlines escaped.</param>
    [SkipLocalsInit]
    public static UInt128 Of(in VmaRecord vma, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[LongestStackLine];
        int length = MapsLine.Format(buffer, in vma, name);
        return length >= 0 ? Of(buffer[..length]) : OfLong(in vma, name);
    }

    private static UInt128 OfLong(in VmaRecord vma, ReadOnlySpan<byte> name)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LongestStackLine + name.Length);
        UInt128 hash = Of(buffer.AsSpan(0, MapsLine.Format(buffer, in vma, name)));
        ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }
}
