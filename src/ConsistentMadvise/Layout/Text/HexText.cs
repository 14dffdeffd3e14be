using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ConsistentMadvise;

/// <summary>Parses lower-case hexadecimal numbers as the kernel prints them, up to sixteen digits a step.</summary>
internal static class HexText
{
    /// <summary>Reads one to sixteen digits up to the separator, and moves past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ref ReadOnlySpan<byte> text, byte separator, out ulong value)
    {
        if (text.Length >= Vector128<byte>.Count)
        {
            int digits = CountDigits(text, separator);
            if (digits is > 0 and < 16 && TryReadDigits(text, digits, out value))
            {
                text = text[(digits + 1)..];
                return true;
            }
        }

        return TryReadAny(ref text, separator, out value);
    }

    /// <summary>The index of the separator in the first sixteen bytes, which must exist; 32 if it is in none of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountDigits(ReadOnlySpan<byte> text, byte separator)
    {
        int places = (int)Vector128.Equals(Vector128.Create(text), Vector128.Create(separator)).ExtractMostSignificantBits();
        return BitOperations.TrailingZeroCount(places);
    }

    /// <summary>Reads exactly this many digits, at most sixteen. Loads sixteen bytes, which must exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadDigits(ReadOnlySpan<byte> text, int count, out ulong value)
    {
        Vector128<byte> characters = Vector128.Create(text);
        Vector128<byte> digits = characters - Vector128.Create((byte)'0');
        Vector128<byte> letters = characters - Vector128.Create((byte)'a');
        Vector128<byte> areDigits = Vector128.LessThan(digits, Vector128.Create((byte)10));
        Vector128<byte> areLetters = Vector128.LessThan(letters, Vector128.Create((byte)6));
        Vector128<byte> values = Vector128.ConditionalSelect(areDigits, digits, letters + Vector128.Create((byte)10));

        // The first digit of each pair is the lower byte. Bytes after the number must not reach its last digit.
        Vector128<ushort> nibbles = (values & Vector128.Create((byte)0x0f)).AsUInt16();
        Vector128<ushort> pairs = (nibbles << 4 | nibbles >>> 8) & Vector128.Create((ushort)0xff);
        value = BinaryPrimitives.ReverseEndianness(Vector128.Narrow(pairs, pairs).AsUInt64().ToScalar()) >>> (64 - 4 * count);
        return (~(areDigits | areLetters).ExtractMostSignificantBits() & ((1u << count) - 1)) == 0;
    }

    /// <summary>As <see cref="TryRead"/>, digit by digit, for numbers of unknown width.</summary>
    public static bool TryReadAny(ref ReadOnlySpan<byte> text, byte separator, out ulong value)
    {
        value = 0;
        for (int i = 0; i < text.Length && i <= 16; i++)
        {
            if (text[i] == separator && i > 0)
            {
                text = text[(i + 1)..];
                return true;
            }

            uint digit = text[i] - (uint)'0';
            uint letter = text[i] - (uint)'a';
            if (digit > 9 && letter > 5)
            {
                return false;
            }

            value = value << 4 | (digit <= 9 ? digit : letter + 10);
        }

        return false;
    }
}
