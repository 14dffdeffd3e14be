using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>The grammar of one <c>/proc/PID/maps</c> line: <c>start-end perms offset major:minor inode [name]</c>, without its newline.</summary>
/// <remarks>
/// Source: <c>show_map_vma</c> in fs/proc/task_mmu.c. Everything up to the inode is strict; the name is any bytes but a newline and
/// is never looked into. Only newlines are escaped there (<c>\012</c>), a backslash is not, so the name cannot be unescaped.
/// </remarks>
internal static class MapsLine
{
    /// <summary>The column, counted from zero, where names begin in lines whose numbers do not reach that far.</summary>
    public const int NameColumn = 73;

    /// <summary>What every anonymous line has behind its permissions.</summary>
    private static ReadOnlySpan<byte> AnonymousTail => "00000000 00:00 0 "u8;

    /// <summary>Parses a line; on success the record's name fields say where in the line the name is.</summary>
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

        if (rest.Length < 5 || !TryReadPermissions(rest, out vma.Permissions))
        {
            return MapsLineError.Permissions;
        }

        rest = rest[5..];
        if (rest.SequenceEqual(AnonymousTail))
        {
            vma.Offset = 0;
            vma.Device = 0;
            vma.Inode = 0;
            vma.NameStart = 0;
            vma.NameLength = 0;
            return MapsLineError.None;
        }

        return TryParseTail(line, rest, ref vma);
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

        // seq_pad(): up to one less than the column, then always one more space.
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

        if (!HexText.TryReadAny(ref rest, (byte)':', out ulong major) || !HexText.TryReadAny(ref rest, (byte)' ', out ulong minor)
            || major > 0xfff || minor > 0xfffff)
        {
            return MapsLineError.Device;
        }

        vma.Device = (uint)major << 20 | (uint)minor;
        if (rest.IsEmpty || !char.IsAsciiDigit((char)rest[0]) || !Utf8Parser.TryParse(rest, out vma.Inode, out int digits))
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
    private static bool TryReadPermissions(ReadOnlySpan<byte> text, out VmaPermissions permissions)
    {
        permissions = (text[0] == 'r' ? VmaPermissions.Read : 0)
            | (text[1] == 'w' ? VmaPermissions.Write : 0)
            | (text[2] == 'x' ? VmaPermissions.Execute : 0)
            | (text[3] == 's' ? VmaPermissions.Shared : 0);
        return text[0] is (byte)'r' or (byte)'-' && text[1] is (byte)'w' or (byte)'-' && text[2] is (byte)'x' or (byte)'-'
            && text[3] is (byte)'s' or (byte)'p' && text[4] == ' ';
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
