using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ConsistentMadvise;

/// <summary>Lower-case hexadecimal numbers as the kernel prints them, up to sixteen digits a step.</summary>
internal static class HexText
{
    /// <summary>Reads one to sixteen digits up to the separator and moves behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ref ReadOnlySpan<byte> text, byte separator, out ulong value)
    {
        // Addresses of user space are 12 digits on a 64-bit machine, file offsets 8: both without a search for the separator.
        if (text.Length >= 16 && text[12] == separator)
        {
            bool isNumber = TryReadDigits(text, 12, out value);
            text = text[13..];
            return isNumber;
        }

        if (text.Length >= 16 && text[8] == separator)
        {
            bool isNumber = TryReadDigits(text, 8, out value);
            text = text[9..];
            return isNumber;
        }

        return TryReadAny(ref text, separator, out value);
    }

    /// <summary>Reads exactly so many digits, at most sixteen. Looks at sixteen bytes, which must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadDigits(ReadOnlySpan<byte> text, int count, out ulong value)
    {
        Vector128<byte> characters = Vector128.Create(text);
        Vector128<byte> digits = characters - Vector128.Create((byte)'0');
        Vector128<byte> letters = characters - Vector128.Create((byte)'a');
        Vector128<byte> areDigits = Vector128.LessThan(digits, Vector128.Create((byte)10));
        Vector128<byte> areLetters = Vector128.LessThan(letters, Vector128.Create((byte)6));
        Vector128<ushort> nibbles = Vector128.ConditionalSelect(areDigits, digits, letters + Vector128.Create((byte)10)).AsUInt16();

        // The first digit of each pair is the lower byte.
        Vector128<ushort> pairs = (nibbles << 4 | nibbles >>> 8) & Vector128.Create((ushort)0xff);
        value = BinaryPrimitives.ReverseEndianness(Vector128.Narrow(pairs, pairs).AsUInt64().ToScalar()) >>> (64 - 4 * count);
        return (~(areDigits | areLetters).ExtractMostSignificantBits() & ((1u << count) - 1)) == 0;
    }

    /// <summary>As <see cref="TryRead"/>, digit by digit: for numbers whose width is not known.</summary>
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
