using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>Lower-case hexadecimal numbers as the kernel prints them, eight digits a step.</summary>
internal static class HexText
{
    /// <summary>Reads one to sixteen digits up to the separator and moves behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ref ReadOnlySpan<byte> text, byte separator, out ulong value)
    {
        // Addresses of user space are 12 digits on a 64-bit machine, file offsets 8: both without a search for the separator.
        if (text.Length > 12 && text[12] == separator)
        {
            value = (ulong)Eight(text, out ulong badHigh) << 16 | Four(text[8..], out ulong badLow);
            text = text[13..];
            return (badHigh | badLow) == 0;
        }

        if (text.Length > 8 && text[8] == separator)
        {
            value = Eight(text, out ulong bad);
            text = text[9..];
            return bad == 0;
        }

        return TryReadAny(ref text, separator, out value);
    }

    /// <summary>As <see cref="TryRead"/>, digit by digit: for numbers whose width is not known.</summary>
    public static bool TryReadAny(ref ReadOnlySpan<byte> text, byte separator, out ulong value)
    {
        value = 0;
        int length = text.IndexOf(separator);
        if (length is < 1 or > 16)
        {
            return false;
        }

        foreach (byte digit in text[..length])
        {
            int nibble = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                _ => -1,
            };
            if (nibble < 0)
            {
                return false;
            }

            value = value << 4 | (uint)nibble;
        }

        text = text[(length + 1)..];
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Eight(ReadOnlySpan<byte> text, out ulong bad) =>
        (uint)Pack(BinaryPrimitives.ReadUInt64LittleEndian(text), out bad);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Four(ReadOnlySpan<byte> text, out ulong bad) =>
        (uint)Pack(BinaryPrimitives.ReadUInt32LittleEndian(text) | 0x3030_3030_0000_0000ul, out bad) >> 16;

    /// <summary>Turns eight digits, first digit in the lowest byte, into 32 bits; <paramref name="bad"/> is not zero when one is no digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pack(ulong chars, out ulong bad)
    {
        const ulong Ones = 0x0101_0101_0101_0101;
        const ulong Tops = Ones * 0x80;

        // With the top bits clear no byte carries into the next: each comparison leaves its answer in the byte's top bit.
        ulong atLeast0 = chars + Ones * (0x80 - '0');
        ulong above9 = chars + Ones * (0x80 - ('9' + 1));
        ulong atLeastA = chars + Ones * (0x80 - 'a');
        ulong aboveF = chars + Ones * (0x80 - ('f' + 1));
        ulong digit = atLeast0 & ~above9;
        ulong letter = atLeastA & ~aboveF;
        bad = (~(digit | letter) | chars) & Tops;

        ulong nibbles = (chars & Ones * 0x0f) + ((letter & Tops) >> 7) * 9;
        ulong bytes = (nibbles << 4 | nibbles >> 8) & 0x00ff_00ff_00ff_00ff;
        ulong words = (bytes << 8 | bytes >> 16) & 0x0000_ffff_0000_ffff;
        return (words << 16 | words >> 32) & 0xffff_ffff;
    }
}
