using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>A half-open range of virtual addresses, <c>[Start, End)</c>, in bytes.</summary>
/// <param name="Start">The first address of the range.</param>
/// <param name="End">The address just past the end (exclusive).</param>
[TypeConverter(typeof(ParsableConverter<AddressRange>))]
public readonly record struct AddressRange(ulong Start, ulong End) : IComparable<AddressRange>, ISpanParsable<AddressRange>
{
    /// <summary>Gets the length in bytes; zero if the end is not above the start.</summary>
    public ulong Length => End > Start ? End - Start : 0;

    /// <summary>Gets whether the range contains no address.</summary>
    public bool IsEmpty => End <= Start;

    /// <summary>Returns whether <paramref name="address"/> lies in the range.</summary>
    /// <param name="address">A virtual address.</param>
    public bool Contains(ulong address) => address >= Start && address < End;

    /// <summary>Returns whether every address of <paramref name="other"/> lies in this range.</summary>
    /// <param name="other">A range that is not empty.</param>
    public bool Contains(AddressRange other) => !other.IsEmpty && other.Start >= Start && other.End <= End;

    /// <summary>Returns whether the two ranges share an address.</summary>
    /// <param name="other">The other range.</param>
    public bool Overlaps(AddressRange other) => Intersect(other).Length != 0;

    /// <summary>Returns the addresses common to both ranges; empty if there are none.</summary>
    /// <param name="other">The other range.</param>
    public AddressRange Intersect(AddressRange other)
    {
        ulong start = Math.Max(Start, other.Start);
        return new AddressRange(start, Math.Max(start, Math.Min(End, other.End)));
    }

    /// <summary>Orders by start, then by end.</summary>
    /// <param name="other">The other range.</param>
    public int CompareTo(AddressRange other)
    {
        int byStart = Start.CompareTo(other.Start);
        return byStart != 0 ? byStart : End.CompareTo(other.End);
    }

    /// <summary>Returns the range as <c>/proc/PID/maps</c> writes it: <c>start-end</c> in lower-case hexadecimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start:x8}-{End:x8}");

    /// <summary>Parses <c>START-END</c>, hexadecimal, each with or without <c>0x</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not such a range, or the range is empty.</exception>
    public static AddressRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan(), null);
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static AddressRange Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static AddressRange Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out AddressRange range)
            ? range
            : throw new FormatException($"'{s}' is not an address range; write START-END in hexadecimal with START below END, as in 7f0000000000-7f0000001000.");

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out AddressRange)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out AddressRange result) => TryParse(s.AsSpan(), null, out result);

    /// <summary>Parses <c>START-END</c>, hexadecimal, each with or without <c>0x</c>, and returns whether it could.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    /// <param name="result">The range.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AddressRange result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out AddressRange)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out AddressRange result)
    {
        result = default;
        int dash = s.IndexOf('-');
        if (dash < 0 || !TryParseAddress(s[..dash], out ulong start) || !TryParseAddress(s[(dash + 1)..], out ulong end) || start >= end)
        {
            return false;
        }

        result = new AddressRange(start, end);
        return true;
    }

    /// <summary>Returns whether <paramref name="left"/> is ordered before <paramref name="right"/>.</summary>
    public static bool operator <(AddressRange left, AddressRange right) => left.CompareTo(right) < 0;

    /// <summary>Returns whether <paramref name="left"/> is ordered before <paramref name="right"/> or equal to it.</summary>
    public static bool operator <=(AddressRange left, AddressRange right) => left.CompareTo(right) <= 0;

    /// <summary>Returns whether <paramref name="left"/> is ordered after <paramref name="right"/>.</summary>
    public static bool operator >(AddressRange left, AddressRange right) => left.CompareTo(right) > 0;

    /// <summary>Returns whether <paramref name="left"/> is ordered after <paramref name="right"/> or equal to it.</summary>
    public static bool operator >=(AddressRange left, AddressRange right) => left.CompareTo(right) >= 0;

    private static bool TryParseAddress(ReadOnlySpan<char> text, out ulong address)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            text = text[2..];
        }

        // .NET's number parser accepts trailing zero characters.
        address = 0;
        return !text.Contains('\0') && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address);
    }
}
