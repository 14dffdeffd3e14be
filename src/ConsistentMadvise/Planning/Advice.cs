using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The advice argument of <c>process_madvise(2)</c>.</summary>
/// <remarks>
/// An open value, not an enumeration: a later kernel may accept advice that this library does not name; see
/// <see cref="FromKernel"/>. The default value is no advice, and is refused.
/// </remarks>
[TypeConverter(typeof(ParsableConverter<Advice>))]
public readonly record struct Advice : ISpanParsable<Advice>
{
    private Advice(int value) => Value = value;

    /// <summary><c>MADV_COLD</c> (Linux 5.10): make the pages the first to be reclaimed. Evicts nothing itself.</summary>
    public static Advice Cold { get; } = new(Uapi.MADV_COLD);

    /// <summary><c>MADV_PAGEOUT</c> (Linux 5.10): reclaim the pages now: anonymous ones to swap, file pages by writing back and dropping.</summary>
    public static Advice PageOut { get; } = new(Uapi.MADV_PAGEOUT);

    /// <summary><c>MADV_WILLNEED</c> (Linux 5.15 for another process): read ahead. Swapped pages come back into the swap cache only.</summary>
    public static Advice WillNeed { get; } = new(Uapi.MADV_WILLNEED);

    /// <summary><c>MADV_COLLAPSE</c> (Linux 6.1): replace aligned 2 MiB units by huge pages. Brings swapped pages back in.</summary>
    public static Advice Collapse { get; } = new(Uapi.MADV_COLLAPSE);

    /// <summary>Gets every advice that some kernel accepts for another process, in the order above.</summary>
    public static IReadOnlyList<Advice> Known { get; } = [Cold, PageOut, WillNeed, Collapse];

    /// <summary>Whether a call may wait for I/O: for a file system or swap device served by other processes. Unknown advice may too.</summary>
    internal bool MayWait => Value != Uapi.MADV_COLD;

    /// <summary>Gets the kernel's number (<c>asm-generic/mman-common.h</c>).</summary>
    public int Value { get; }

    /// <summary>Makes an advice from the kernel's number, for advice that this library does not name.</summary>
    /// <param name="value">A <c>MADV_*</c> number above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is not above zero.</exception>
    public static Advice FromKernel(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return new Advice(value);
    }

    /// <summary>Parses <c>cold</c>, <c>pageout</c>, <c>willneed</c>, <c>collapse</c> (any case) or a kernel number.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text names no advice.</exception>
    public static Advice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan(), null);
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static Advice Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static Advice Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out Advice advice)
        ? advice
        : throw new FormatException($"'{s}' is not an advice; use cold, pageout, willneed, collapse, or the number of a MADV_ constant.");

    /// <summary>Parses what <see cref="Parse(string)"/> parses, and returns whether it could.</summary>
    /// <param name="text">The text.</param>
    /// <param name="advice">The advice.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Advice advice) => TryParse(text.AsSpan(), null, out advice);

    /// <summary>Parses what <see cref="Parse(string)"/> parses, and returns whether it could.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    /// <param name="result">The advice.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Advice result) => TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out Advice)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Advice result)
    {
        foreach (Advice known in Known)
        {
            if (s.Equals(known.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                result = known;
                return true;
            }
        }

        // .NET's number parser accepts trailing zero characters.
        int value = 0;
        bool isNumber = !s.Contains('\0') && int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
        result = isNumber ? new Advice(value) : default;
        return isNumber;
    }

    /// <summary>Returns the name that <see cref="Parse(string)"/> accepts; the number if it has no name.</summary>
    public override string ToString() => Value switch
    {
        Uapi.MADV_COLD => "cold",
        Uapi.MADV_PAGEOUT => "pageout",
        Uapi.MADV_WILLNEED => "willneed",
        Uapi.MADV_COLLAPSE => "collapse",
        _ => Value.ToString(CultureInfo.InvariantCulture),
    };
}
