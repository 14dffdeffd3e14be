using System.Globalization;
using System.Numerics;
using System.Text;

namespace ConsistentMadvise.Fuzz;

/// <summary>A line of maps, parsed once more: field by field, slowly, by what proc_pid_maps(5) says.</summary>
internal sealed record ReferenceLine(ulong Start, ulong End, VmaPermissions Permissions, ulong Offset, uint Device, ulong Inode, byte[] Name)
{
    public static ReferenceLine? Parse(ReadOnlySpan<byte> line)
    {
        // Latin-1: a character for each byte.
        string text = Encoding.Latin1.GetString(line);
        string[] fields = text.Split(' ', 6);
        if (fields.Length < 6)
        {
            return null;
        }

        string[] addresses = fields[0].Split('-');
        string[] device = fields[3].Split(':');
        if (addresses.Length != 2 || !IsHex(addresses[0], out ulong start) || !IsHex(addresses[1], out ulong end) || start >= end
            || ReadPermissions(fields[1]) is not { } permissions
            || !IsHex(fields[2], out ulong offset)
            || device.Length != 2 || !IsHex(device[0], out ulong major) || !IsHex(device[1], out ulong minor) || major > 0xfff || minor > 0xfffff
            || !IsDecimal(fields[4], out ulong inode))
        {
            return null;
        }

        return new ReferenceLine(start, end, permissions, offset, (uint)(major << 20 | minor), inode, Encoding.Latin1.GetBytes(fields[5].TrimStart(' ')));
    }

    public void AssertSame(in VmaRecord record, ReadOnlySpan<byte> name)
    {
        Oracle.Same((Start, End, Permissions, Offset, Device, Inode), (record.Start, record.End, record.Permissions, record.Offset, record.Device, record.Inode));
        Oracle.Holds(name.SequenceEqual(Name));
    }

    private static VmaPermissions? ReadPermissions(string text)
    {
        if (text.Length != 4 || text[0] is not ('r' or '-') || text[1] is not ('w' or '-') || text[2] is not ('x' or '-') || text[3] is not ('s' or 'p'))
        {
            return null;
        }

        return (text[0] == 'r' ? VmaPermissions.Read : 0) | (text[1] == 'w' ? VmaPermissions.Write : 0)
            | (text[2] == 'x' ? VmaPermissions.Execute : 0) | (text[3] == 's' ? VmaPermissions.Shared : 0);
    }

    private static bool IsHex(string text, out ulong value)
    {
        value = 0;
        return text.Length is > 0 and <= 16 && text.All(static c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'))
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static bool IsDecimal(string text, out ulong value)
    {
        value = 0;
        if (text.Length == 0 || !text.All(char.IsAsciiDigit))
        {
            return false;
        }

        BigInteger number = BigInteger.Parse(text, CultureInfo.InvariantCulture);
        value = number <= ulong.MaxValue ? (ulong)number : 0;
        return number <= ulong.MaxValue;
    }
}
