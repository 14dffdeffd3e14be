using System.IO.Hashing;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Fuzz;

/// <summary>
/// The text of maps: the line parsers against <see cref="ReferenceLine"/>, the reader against the lines, and the hash, which is the same
/// wherever reads end.
/// </summary>
internal static class MapsFuzz
{
    /// <summary>Reader and hasher fill buffers of 64 KiB: what is longer runs over their ends.</summary>
    private const int LongText = 70 * 1024;

    public static void Check(ReadOnlySpan<byte> input)
    {
        UInt128 seed = XxHash128.HashToUInt128(input);
        Random random = new((int)(uint)seed);
        ReadOnlySpan<byte> text = input;
        if (random.Next(8) == 0 && input.Length is > 16 and < LongText)
        {
            text = Repeat(input);
        }

        List<ReferenceLine>? lines = MapsLines.Check(input, text);
        UInt128 hash = XxHash128.HashToUInt128(text);
        int newlines = text.Count((byte)'\n');

        LayoutReader reader = new();
        using (TextDescriptor whole = TextDescriptor.OfFile(text))
        {
            CheckReader(reader, whole, lines, hash);
        }

        if (text.Length > 0)
        {
            List<int> pieces = Pieces.Cut(text.Length, random);
            using (TextDescriptor cut = TextDescriptor.OfPieces(text, pieces))
            {
                CheckReader(reader, cut, lines, hash);
            }

            using TextDescriptor again = TextDescriptor.OfPieces(text, pieces);
            CheckHasher(again, hash, newlines);
        }

        using TextDescriptor file = TextDescriptor.OfFile(text);
        CheckHasher(file, hash, newlines);
        if (lines is not null)
        {
            RecheckFuzz.Check(lines, random);
        }
    }

    private static void CheckHasher(TextDescriptor text, UInt128 hash, int newlines)
    {
        Oracle.Same(Errno.None, new MapsHasher().Hash(text.Descriptor, out UInt128 hashed, out int vmas));
        Oracle.Same(hash, hashed);
        Oracle.Same(newlines, vmas);
    }

    private static void CheckReader(LayoutReader reader, TextDescriptor text, List<ReferenceLine>? lines, UInt128 hash)
    {
        if (lines is null)
        {
            Oracle.Throws<InvalidDataException>(() => FuzzLayout.Read(reader, text, out _, out _, out _));
            return;
        }

        FuzzLayout.Read(reader, text, out Errno errno, out VmaTable vmas, out UInt128 read);
        Oracle.Same(Errno.None, errno);
        Oracle.Same(hash, read);
        Oracle.Same(lines.Count, vmas.Count);
        LayoutSnapshot layout = FuzzLayout.Of(vmas, read);
        for (int i = 0; i < lines.Count; i++)
        {
            lines[i].AssertSame(in layout[i].Record, layout[i].NameBytes);
        }

        LayoutRules.Check(layout);
    }

    private static byte[] Repeat(ReadOnlySpan<byte> text)
    {
        byte[] repeated = new byte[(LongText / text.Length + 1) * text.Length];
        for (int at = 0; at < repeated.Length; at += text.Length)
        {
            text.CopyTo(repeated.AsSpan(at));
        }

        return repeated;
    }
}
