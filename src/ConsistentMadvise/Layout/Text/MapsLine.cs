using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ConsistentMadvise;

/// <summary>The grammar of one <c>/proc/PID/maps</c> line: <c>start-end perms offset major:minor inode [name]</c>, without its newline.</summary>
/// <remarks>
/// Source: <c>show_map_vma</c> in fs/proc/task_mmu.c. Everything up to the inode is strict; the name is any bytes except a newline and
/// is never parsed. The kernel escapes newlines (<c>\012</c>) but not backslashes, so the name cannot be unescaped.
/// </remarks>
internal static class MapsLine
{
    /// <summary>The zero-based column where names begin, unless the numbers reach past it.</summary>
    public const int NameColumn = 73;

    /// <summary>Enough text for any anonymous line: two numbers, each shorter than sixteen digits, and the rest.</summary>
    private const int LongestAnonymous = 16 + 16 + 23;

    /// <summary>Parses the most common line, unnamed anonymous memory, including its newline.</summary>
    /// <param name="text">The text; a line at its very end is not recognized.</param>
    /// <param name="vma">The VMA of the line.</param>
    /// <param name="length">The bytes of the line, with its newline.</param>
    /// <returns>Whether the text begins with such a line; false leaves open what it is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParseAnonymous(ReadOnlySpan<byte> text, ref VmaRecord vma, out int length)
    {
        length = 0;
        if (text.Length < LongestAnonymous)
        {
            return false;
        }

        int startDigits = HexText.CountDigits(text, (byte)'-');
        ReadOnlySpan<byte> second = text[(startDigits & 15)..][1..];
        int endDigits = HexText.CountDigits(second, (byte)' ');
        ReadOnlySpan<byte> rest = second[(endDigits & 15)..][1..];
        if (startDigits is 0 or > 15 || endDigits is 0 or > 15
            || Vector128.Create(rest[5..]) != Vector128.Create("00000000 00:00 0"u8)
            || rest[4] != ' ' || rest[21] != ' ' || rest[22] != '\n'
            || !HexText.TryReadDigits(text, startDigits, out vma.Start) || !HexText.TryReadDigits(second, endDigits, out vma.End)
            || !TryReadPermissions(rest, out vma.Permissions))
        {
            return false;
        }

        length = startDigits + endDigits + 25;
        vma.Offset = 0;
        vma.Device = 0;
        vma.Inode = 0;
        vma.NameStart = 0;
        vma.NameLength = 0;
        return vma.Start < vma.End;
    }

    /// <summary>Parses a line; on success the record's name fields locate the name in the line.</summary>
    public static MapsLineError TryParse(ReadOnlySpan<byte> line, ref VmaRecord vma)
    {
        ReadOnlySpan<byte> rest = line;
        if (!HexText.TryRead(ref rest, (byte)'-', out vma.Start))
        {
            return MapsLineError.Start;
        }

        if (!HexText.TryRead(ref rest, (byte)' ', out vma.End))
        {
            return MapsLineError.End;
        }

        if (vma.Start >= vma.End)
        {
            return MapsLineError.EmptyRange;
        }

        if (rest.Length < 5 || rest[4] != ' ' || !TryReadPermissions(rest, out vma.Permissions))
        {
            return MapsLineError.Permissions;
        }

        return TryParseTail(line, rest[5..], ref vma);
    }

    /// <summary>Writes the line as the kernel would; returns its length, or -1 when the buffer is too small.</summary>
    public static int Format(Span<byte> buffer, in VmaRecord vma, ReadOnlySpan<byte> name)
    {
        if (buffer.Length < NameColumn + 32 + name.Length)
        {
            return -1;
        }

        int at = FormatHex(buffer, vma.Start, 8);
        buffer[at++] = (byte)'-';
        at += FormatHex(buffer[at..], vma.End, 8);
        buffer[at++] = (byte)' ';
        buffer[at++] = (byte)((vma.Permissions & VmaPermissions.Read) != 0 ? 'r' : '-');
        buffer[at++] = (byte)((vma.Permissions & VmaPermissions.Write) != 0 ? 'w' : '-');
        buffer[at++] = (byte)((vma.Permissions & VmaPermissions.Execute) != 0 ? 'x' : '-');
        buffer[at++] = (byte)((vma.Permissions & VmaPermissions.Shared) != 0 ? 's' : 'p');
        buffer[at++] = (byte)' ';
        at += FormatHex(buffer[at..], vma.Offset, 8);
        buffer[at++] = (byte)' ';
        at += FormatHex(buffer[at..], vma.Device >> 20, 2);
        buffer[at++] = (byte)':';
        at += FormatHex(buffer[at..], vma.Device & 0xfffff, 2);
        buffer[at++] = (byte)' ';
        Utf8Formatter.TryFormat(vma.Inode, buffer[at..], out int digits);
        at += digits;
        buffer[at++] = (byte)' ';
        if (name.IsEmpty)
        {
            return at;
        }

        // seq_pad(): pads to one less than the column, then always adds one space.
        while (at < NameColumn - 1)
        {
            buffer[at++] = (byte)' ';
        }

        buffer[at++] = (byte)' ';
        name.CopyTo(buffer[at..]);
        return at + name.Length;
    }

    private static MapsLineError TryParseTail(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, ref VmaRecord vma)
    {
        if (!HexText.TryRead(ref rest, (byte)' ', out vma.Offset))
        {
            return MapsLineError.Offset;
        }

        if (!TryReadDevice(ref rest, out vma.Device))
        {
            return MapsLineError.Device;
        }

        if (!TryReadInode(rest, out vma.Inode, out int digits))
        {
            return MapsLineError.Inode;
        }

        rest = rest[digits..];
        if (rest.IsEmpty || rest[0] != ' ')
        {
            return MapsLineError.Truncated;
        }

        int name = rest.IndexOfAnyExcept((byte)' ');
        vma.NameStart = name < 0 ? 0 : line.Length - rest.Length + name;
        vma.NameLength = name < 0 ? 0 : rest.Length - name;
        return MapsLineError.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadDevice(ref ReadOnlySpan<byte> text, out uint device)
    {
        ulong major, minor;
        bool isDevice;
        if (text.Length >= 3 + 16 && text[2] == ':' && text[5] == ' ')
        {
            isDevice = HexText.TryReadDigits(text, 2, out major) & HexText.TryReadDigits(text[3..], 2, out minor);
            text = text[6..];
        }
        else
        {
            minor = 0;
            isDevice = HexText.TryReadAny(ref text, (byte)':', out major) && HexText.TryReadAny(ref text, (byte)' ', out minor)
                && major <= 0xfff && minor <= 0xfffff;
        }

        device = (uint)major << 20 | (uint)minor;
        return isDevice;
    }

    private static bool TryReadInode(ReadOnlySpan<byte> text, out ulong inode, out int digits)
    {
        inode = 0;

        // Any 19 digits fit into 64 bits; only some 20 digits do.
        for (digits = 0; digits < text.Length && digits < 19 && text[digits] - (uint)'0' <= 9; digits++)
        {
            inode = inode * 10 + text[digits] - '0';
        }

        return digits < 19 ? digits > 0 : Utf8Parser.TryParse(text, out inode, out digits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadPermissions(ReadOnlySpan<byte> text, out VmaPermissions permissions)
    {
        // XOR with "---p", byte by byte: r gives 0x5f, w 0x5a, x 0x55, s 0x03.
        uint difference = BinaryPrimitives.ReadUInt32LittleEndian(text) ^ 0x70_2d_2d_2d;
        uint read = difference & 1, write = difference >> 9 & 1, execute = difference >> 16 & 1, shared = difference >> 24 & 1;
        permissions = (VmaPermissions)(read | write << 1 | execute << 2 | shared << 3);
        return difference == read * 0x5f + write * 0x5a00 + execute * 0x55_0000 + shared * 0x0300_0000;
    }

    private static int FormatHex(Span<byte> buffer, ulong value, int minimumDigits)
    {
        int digits = Math.Max(minimumDigits, (67 - (int)ulong.LeadingZeroCount(value)) / 4);
        for (int i = digits - 1; i >= 0; i--)
        {
            buffer[i] = "0123456789abcdef"u8[(int)(value & 15)];
            value >>= 4;
        }

        return digits;
    }
}
