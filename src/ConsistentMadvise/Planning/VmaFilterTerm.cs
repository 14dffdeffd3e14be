using System.Globalization;
using System.Numerics;
using System.Text;

namespace ConsistentMadvise;

/// <summary>What the words of a <see cref="VmaFilter"/> mean.</summary>
internal static class VmaFilterTerm
{
    public const string Names = "all, anon, file, private, shared, heap, stack, r, w, x, perms=, size>=, path=, inode=, addr=";

    /// <summary>The predicate of a word without a value; null if there is no such word.</summary>
    public static Func<Vma, bool>? Flag(string word) => word switch
    {
        "all" => static _ => true,
        "anon" => static vma => vma.IsAnonymous,
        "file" => static vma => vma.IsFileBacked,
        "private" => static vma => vma.IsPrivate,
        "shared" => static vma => vma.IsShared,
        "heap" => static vma => vma.IsHeap,
        "stack" => static vma => vma.IsStack,
        "r" => static vma => (vma.Permissions & VmaPermissions.Read) != 0,
        "w" => static vma => (vma.Permissions & VmaPermissions.Write) != 0,
        "x" => static vma => (vma.Permissions & VmaPermissions.Execute) != 0,
        _ => null,
    };

    public static bool IsComparison(string word) => word is "perms" or "size" or "path" or "inode" or "addr";

    public static bool Accepts(string word, string comparison) => comparison == "=" || (word == "size" && comparison is ">=" or "<=" or ">" or "<");

    public static string Example(string word) => word switch
    {
        "perms" => "perms=rw-p",
        "size" => "size>=64K",
        "path" => "path=*.so",
        "inode" => "inode=1234",
        _ => "addr=7f0000000000-7f0000001000",
    };

    public static string Explain(string word) => word switch
    {
        "perms" => "write four characters as maps prints them, ? for any, as in perms=rw-p or perms=r?x?.",
        "size" => "write bytes, or a number and K, M, G or T, below 16 EiB, as in size>=64K.",
        "inode" => "write a decimal number, as in inode=1234.",
        _ => "write START-END in hexadecimal with START below END, as in addr=7f0000000000-7f0000001000.",
    };

    /// <summary>The predicate of a word with a value; null if the value is not valid for it.</summary>
    public static Func<Vma, bool>? Compare(string word, string comparison, string value) => word switch
    {
        "perms" => Permissions(value),
        "size" => Size(comparison, value),
        "path" => Path(value),
        "inode" => TryReadNumber(value, out ulong inode) ? vma => vma.Inode == inode : null,
        _ => AddressRange.TryParse(value, null, out AddressRange range) ? vma => vma.Range.Overlaps(range) : null,
    };

    private static Func<Vma, bool>? Permissions(string value)
    {
        const string Set = "rwxs", Clear = "---p";
        if (value.Length != 4)
        {
            return null;
        }

        VmaPermissions mask = 0, wanted = 0;
        for (int i = 0; i < 4; i++)
        {
            VmaPermissions bit = (VmaPermissions)(1 << i);
            mask |= value[i] == '?' ? 0 : bit;
            wanted |= value[i] == Set[i] ? bit : 0;
            if (value[i] != '?' && value[i] != Set[i] && value[i] != Clear[i])
            {
                return null;
            }
        }

        return vma => (vma.Permissions & mask) == wanted;
    }

    private static Func<Vma, bool>? Size(string comparison, string value)
    {
        int shift = value.AsSpan() switch
        {
            [.., 'K'] => 10,
            [.., 'M'] => 20,
            [.., 'G'] => 30,
            [.., 'T'] => 40,
            _ => 0,
        };
        if (!TryReadNumber(shift == 0 ? value : value[..^1], out ulong number) || BitOperations.LeadingZeroCount(number) < shift)
        {
            return null;
        }

        ulong size = number << shift;
        return comparison switch
        {
            "=" => vma => vma.Length == size,
            ">=" => vma => vma.Length >= size,
            "<=" => vma => vma.Length <= size,
            ">" => vma => vma.Length > size,
            _ => vma => vma.Length < size,
        };
    }

    private static Func<Vma, bool> Path(string value)
    {
        byte[] pattern = Encoding.UTF8.GetBytes(value);
        return vma => ByteGlob.IsMatch(pattern, vma.NameBytes);
    }

    /// <remarks>Checks the digits first: .NET's number parser accepts trailing zero characters.</remarks>
    private static bool TryReadNumber(string text, out ulong number)
    {
        number = 0;
        return !text.AsSpan().ContainsAnyExceptInRange('0', '9') && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
