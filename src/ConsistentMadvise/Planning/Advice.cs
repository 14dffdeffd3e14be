using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The advice argument of <c>process_madvise(2)</c>.</summary>
/// <remarks>
/// An open value, not an enumeration: a later kernel may accept advice that this library has no name for; see
/// <see cref="FromKernel"/>. The default value is no advice and is refused.
/// </remarks>
public readonly record struct Advice
{
    private Advice(int value) => Value = value;

    /// <summary><c>MADV_COLD</c> (Linux 5.10): make the pages the first to be reclaimed. Nothing leaves memory by it.</summary>
    public static Advice Cold { get; } = new(20);

    /// <summary><c>MADV_PAGEOUT</c> (Linux 5.10): reclaim the pages now: anonymous ones to swap, file pages by writing back and dropping.</summary>
    public static Advice PageOut { get; } = new(21);

    /// <summary><c>MADV_WILLNEED</c> (Linux 5.15 for another process): read ahead. Swapped pages come back into the swap cache only.</summary>
    public static Advice WillNeed { get; } = new(3);

    /// <summary><c>MADV_COLLAPSE</c> (Linux 6.1): replace aligned 2 MiB units by huge pages. Brings swapped pages back in.</summary>
    public static Advice Collapse { get; } = new(25);

    /// <summary>Gets the advices that some kernel accepts for another process, in the order above.</summary>
    public static IReadOnlyList<Advice> Known { get; } = [Cold, PageOut, WillNeed, Collapse];

    /// <summary>Gets the number that the kernel knows the advice by (<c>asm-generic/mman-common.h</c>).</summary>
    public int Value { get; }

    /// <summary>Makes an advice from the kernel's number, for advice this library has no name for.</summary>
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
    public static Advice Parse(string text) => TryParse(text, out Advice advice)
        ? advice
        : throw new FormatException($"'{text}' is not an advice; use cold, pageout, willneed, collapse, or the number of a MADV_ constant.");

    /// <summary>Parses what <see cref="Parse"/> parses, and tells whether it could.</summary>
    /// <param name="text">The text.</param>
    /// <param name="advice">The advice.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Advice advice)
    {
        foreach (Advice known in Known)
        {
            if (string.Equals(text, known.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                advice = known;
                return true;
            }
        }

        // .NET's number parser takes zero characters behind a number.
        int value = 0;
        bool isNumber = !text.AsSpan().Contains('\0') && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
        advice = isNumber ? new Advice(value) : default;
        return isNumber;
    }

    /// <summary>Returns the name that <see cref="Parse"/> accepts; the number where the advice has none.</summary>
    public override string ToString() => Value switch
    {
        20 => "cold",
        21 => "pageout",
        3 => "willneed",
        25 => "collapse",
        _ => Value.ToString(CultureInfo.InvariantCulture),
    };
}
