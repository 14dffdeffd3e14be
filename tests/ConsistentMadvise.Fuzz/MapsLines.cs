namespace ConsistentMadvise.Fuzz;

/// <summary>The line parsers, line by line.</summary>
internal static class MapsLines
{
    /// <summary>Checks the lines of an input, and returns those of a text that it is the start of; null when one of them is no line of maps.</summary>
    public static List<ReferenceLine>? Check(ReadOnlySpan<byte> input, ReadOnlySpan<byte> text)
    {
        List<ReferenceLine>? lines = [];
        for (int at = 0; at < text.Length;)
        {
            ReadOnlySpan<byte> rest = text[at..];
            int newline = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = newline < 0 ? rest : rest[..newline];
            ReferenceLine? expected = ReferenceLine.Parse(line);
            if (at < input.Length)
            {
                CheckLine(line, expected);
                CheckAnonymous(rest, newline, expected);
            }

            if (newline < 0)
            {
                // The end of a text that is cut is read as nothing: the kernel returns whole lines.
                break;
            }

            at += newline + 1;
            if (expected is null)
            {
                lines = null;
            }

            lines?.Add(expected!);
        }

        return lines;
    }

    private static void CheckLine(ReadOnlySpan<byte> line, ReferenceLine? expected)
    {
        VmaRecord record = default;
        MapsLineError error = MapsLine.TryParse(line, ref record);
        Oracle.Same(expected is not null, error == MapsLineError.None);
        if (expected is null)
        {
            return;
        }

        ReadOnlySpan<byte> name = line.Slice(record.NameStart, record.NameLength);
        expected.AssertSame(in record, name);

        // As the kernel writes it, it says the same, and is written the same again.
        byte[] canonical = Format(in record, name);
        VmaRecord again = default;
        Oracle.Same(MapsLineError.None, MapsLine.TryParse(canonical, ref again));
        ReadOnlySpan<byte> sameName = canonical.AsSpan(again.NameStart, again.NameLength);
        expected.AssertSame(in again, sameName);
        Oracle.Holds(Format(in again, sameName).AsSpan().SequenceEqual(canonical));
        Oracle.Same(MapsLineHash.Of(canonical), MapsLineHash.Of(in record, name));
    }

    private static void CheckAnonymous(ReadOnlySpan<byte> text, int newline, ReferenceLine? expected)
    {
        VmaRecord record = default;
        if (MapsLine.TryParseAnonymous(text, ref record, out int length))
        {
            Oracle.Holds(expected is not null);
            Oracle.Same(newline + 1, length);
            expected.AssertSame(in record, []);
        }
    }

    private static byte[] Format(in VmaRecord record, ReadOnlySpan<byte> name)
    {
        byte[] buffer = new byte[name.Length + 200];
        int length = MapsLine.Format(buffer, in record, name);
        Oracle.Holds(length > 0);
        return buffer[..length];
    }
}
