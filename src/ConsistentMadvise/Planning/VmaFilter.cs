using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace ConsistentMadvise;

/// <summary>Selects VMAs, by a predicate or by a text such as <c>anon,private,size>=64K,!stack</c>.</summary>
/// <remarks>
/// <para>The text is a comma-separated list of terms; a VMA is selected if all hold. <c>!</c> before a term negates it.
/// Spaces around terms and around their parts are ignored; case matters.</para>
/// <list type="table">
/// <item><term><c>all</c></term><description>Every VMA.</description></item>
/// <item><term><c>anon</c>, <c>file</c></term><description><see cref="Vma.IsAnonymous"/>, <see cref="Vma.IsFileBacked"/>.</description></item>
/// <item><term><c>private</c>, <c>shared</c></term><description><see cref="Vma.IsPrivate"/>, <see cref="Vma.IsShared"/>.</description></item>
/// <item><term><c>heap</c>, <c>stack</c></term><description>Named <c>[heap]</c>; named <c>[stack]</c>.</description></item>
/// <item><term><c>r</c>, <c>w</c>, <c>x</c></term><description>Readable, writable, executable.</description></item>
/// <item><term><c>perms=rw-p</c></term><description>Exactly these permissions; <c>?</c> matches either letter in its place.</description></item>
/// <item><term><c>size>=64K</c></term><description>Length in bytes, compared with <c>=</c> <c>>=</c> <c>&lt;=</c> <c>></c> or <c>&lt;</c>; K, M, G and T are binary.</description></item>
/// <item><term><c>path=*.so</c></term><description>The whole name, byte by byte, as UTF-8: <c>*</c> matches any bytes, <c>?</c> one byte. <c>path=""</c>: no name.</description></item>
/// <item><term><c>inode=N</c></term><description>The inode number, decimal.</description></item>
/// <item><term><c>addr=START-END</c></term><description>Overlaps the range, hexadecimal as maps prints it.</description></item>
/// </list>
/// <para>A value may be in double quotes, and must be if it contains a comma, a double quote or a trailing space; <c>\"</c> and <c>\\</c> are the escapes there.</para>
/// </remarks>
[TypeConverter(typeof(ParsableConverter<VmaFilter>))]
public sealed class VmaFilter : IParsable<VmaFilter>
{
    private readonly Func<Vma, bool>[] _terms;
    private readonly string _text;

    private VmaFilter(Func<Vma, bool>[] terms, string text)
    {
        _terms = terms;
        _text = text;
    }

    /// <summary>Gets the filter that selects every VMA; its text is <c>all</c>.</summary>
    public static VmaFilter All { get; } = Parse("all");

    /// <summary>Gets the default filter: private anonymous memory except inaccessible reservations; its text is <c>anon,private,!perms=---p</c>.</summary>
    public static VmaFilter Default { get; } = Parse("anon,private,!perms=---p");

    /// <summary>Makes a filter from a predicate. <see cref="Parse(string)"/> does not accept its text.</summary>
    /// <param name="predicate">Returns whether a VMA is selected.</param>
    public static VmaFilter Where(Func<Vma, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new VmaFilter([predicate], "(predicate)");
    }

    /// <summary>Parses a filter.</summary>
    /// <param name="text">The text; the grammar is in the remarks of this type.</param>
    /// <example>
    /// <code>
    /// VmaFilter filter = VmaFilter.Parse("anon,private,size&gt;=64K,!stack");
    /// </code>
    /// </example>
    /// <seealso cref="HintPlan"/>
    /// <exception cref="FormatException">The text is not a filter; the message shows where.</exception>
    public static VmaFilter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out VmaFilter? filter, out VmaFilterError? error)
            ? filter
            : throw new FormatException($"{error.Message} (position {error.Position})\n  {text}\n  {new string(' ', error.Position)}^");
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text; the grammar is in the remarks of this type.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static VmaFilter Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <summary>Parses a filter, and returns whether it could.</summary>
    /// <param name="s">The text; the grammar is in the remarks of this type.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    /// <param name="result">The filter.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true)] out VmaFilter? result) => TryParse(s, out result, out _);

    /// <summary>Parses a filter, and returns whether it could.</summary>
    /// <param name="text">The text; the grammar is in the remarks of this type.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="error">What is wrong with the text, and where.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out VmaFilter? filter, [NotNullWhen(false)] out VmaFilterError? error)
    {
        text ??= string.Empty;
        Func<Vma, bool>[]? terms = new VmaFilterParser(text).Parse(out error);
        filter = terms is null ? null : new VmaFilter(terms, text);
        return filter is not null;
    }

    /// <summary>Returns whether a VMA is selected.</summary>
    /// <param name="vma">The VMA.</param>
    public bool Matches(Vma vma)
    {
        foreach (Func<Vma, bool> term in _terms)
        {
            if (!term(vma))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns the text that the filter was parsed from.</summary>
    public override string ToString() => _text;
}
