using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The cookie: identifies one layout of one process, and stops matching when a VMA of the process changes.</summary>
/// <remarks>
/// The XXH128 of the text of <c>/proc/PID/maps</c>, the number of its VMAs, the process it was read from, and the kernel's layout sequence
/// if that can be read. Without the sequence it does not detect ABA: a VMA unmapped and mapped again with the same line. It is not a secret, and can be forged. Paths in
/// the text are relative to the reader's root directory: readers with different roots get different tokens.
/// </remarks>
[TypeConverter(typeof(ParsableConverter<LayoutToken>))]
public readonly record struct LayoutToken : ISpanParsable<LayoutToken>
{
    private const string Prefix = "cm1";

    internal LayoutToken(ProcessIdentity process, int vmaCount, UInt128 hash, SequenceStamp? stamp = null)
    {
        Process = process;
        VmaCount = vmaCount;
        Hash = hash;
        Stamp = stamp;
    }

    /// <summary>Gets the process of the layout.</summary>
    public ProcessIdentity Process { get; }

    /// <summary>Gets the number of VMAs, counting <c>[vsyscall]</c> where the kernel lists it.</summary>
    public int VmaCount { get; }

    /// <summary>Gets the XXH128 of the text of <c>/proc/PID/maps</c>.</summary>
    public UInt128 Hash { get; }

    /// <summary>Gets the kernel's layout sequence (<c>mm->mm_lock_seq</c>) at which the layout was read; null if it could not be read or moved during the read.</summary>
    /// <remarks>Detects ABA, which the text cannot. Valid for five minutes, since the counter wraps.</remarks>
    public uint? Sequence => Stamp?.Sequence;

    internal SequenceStamp? Stamp { get; }

    /// <summary>Gets whether this is the default value: no layout.</summary>
    public bool IsDefault => Process.Pid == 0;

    /// <summary>Returns whether both tokens are of the same text of the same process. The default token matches nothing, not even itself.</summary>
    /// <param name="other">The other token.</param>
    public bool Matches(LayoutToken other) =>
        !IsDefault && Process.IsSameProcess(other.Process) && VmaCount == other.VmaCount && Hash == other.Hash;

    /// <summary>
    /// Returns the text form, <c>cm1-PID-STARTTIME-PIDFDINODE-VMAS-HASH</c>, and <c>-EXECS-SEQUENCE-SECONDS</c> if there is a sequence: decimal except for
    /// the hash, which is hexadecimal; empty for the default token.
    /// </summary>
    public override string ToString()
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string layout = string.Create(culture, $"{Prefix}-{Process.Pid}-{Process.StartTime}-{Process.PidfdInode}-{VmaCount}-{Hash:x32}");
        return IsDefault ? string.Empty
            : Stamp is { } stamp ? string.Create(culture, $"{layout}-{stamp.ExecId}-{stamp.Sequence}-{stamp.TakenAt}")
            : layout;
    }

    /// <summary>Parses the text form.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not a token, or has an unknown version.</exception>
    public static LayoutToken Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan(), null);
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static LayoutToken Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    public static LayoutToken Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out LayoutToken token)
            ? token
            : throw new FormatException($"'{s}' is not a layout token; a token begins with {Prefix}- and is printed by 'cmadvise snapshot' or LayoutToken.ToString().");

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out LayoutToken)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out LayoutToken result) => TryParse(s.AsSpan(), null, out result);

    /// <summary>Parses the text form, and returns whether it could.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format is culture-invariant.</param>
    /// <param name="result">The token.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LayoutToken result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out LayoutToken)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out LayoutToken result)
    {
        const NumberStyles Decimal = NumberStyles.None;
        CultureInfo culture = CultureInfo.InvariantCulture;
        Span<Range> parts = stackalloc Range[10];
        result = default;
        int count = s.Split(parts, '-');
        if (count is not (6 or 9) || !s[parts[0]].SequenceEqual(Prefix)
            || !int.TryParse(s[parts[1]], Decimal, culture, out int pid) || pid == 0
            || !ulong.TryParse(s[parts[2]], Decimal, culture, out ulong start)
            || !ulong.TryParse(s[parts[3]], Decimal, culture, out ulong inode)
            || !int.TryParse(s[parts[4]], Decimal, culture, out int vmas)
            || s[parts[5]].Length != 32 || !UInt128.TryParse(s[parts[5]], NumberStyles.AllowHexSpecifier, culture, out UInt128 hash))
        {
            return false;
        }

        // Exactly as written: .NET's number parser also accepts leading zeros, upper case, and trailing zero characters.
        SequenceStamp? stamp = null;
        if (count == 9)
        {
            if (!ulong.TryParse(s[parts[6]], Decimal, culture, out ulong execs)
                || !uint.TryParse(s[parts[7]], Decimal, culture, out uint sequence)
                || !long.TryParse(s[parts[8]], Decimal, culture, out long seconds))
            {
                return false;
            }

            stamp = new SequenceStamp(sequence, execs, seconds);
        }

        LayoutToken token = new(new ProcessIdentity(pid, start, inode), vmas, hash, stamp);
        if (!s.SequenceEqual(token.ToString()))
        {
            return false;
        }

        result = token;
        return true;
    }
}
