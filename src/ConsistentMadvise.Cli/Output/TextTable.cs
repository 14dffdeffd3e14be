using System.Text;

namespace ConsistentMadvise.Cli;

/// <summary>Formats a list with one line per row, one line at a time: a process may have a million VMAs.</summary>
internal static class TextTable
{
    public static IEnumerable<string> Lines<T>(IReadOnlyCollection<T> rows, params Column<T>[] columns)
    {
        int[] widths = Array.ConvertAll(columns[..^1], static column => column.Heading.Length);
        foreach (T row in rows)
        {
            for (int i = 0; i < widths.Length; i++)
            {
                widths[i] = Math.Max(widths[i], columns[i].Cell(row).Length);
            }
        }

        StringBuilder line = new();
        for (int i = 0; i < columns.Length; i++)
        {
            Append(line, columns[i], columns[i].Heading, i < widths.Length ? widths[i] : 0);
        }

        yield return Take(line);
        foreach (T row in rows)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                Append(line, columns[i], columns[i].Cell(row), i < widths.Length ? widths[i] : 0);
            }

            yield return Take(line);
        }
    }

    private static void Append<T>(StringBuilder line, Column<T> column, string text, int width)
    {
        int space = Math.Max(0, width - text.Length);
        _ = column.IsRight ? line.Append(' ', space).Append(text) : line.Append(text).Append(' ', space);
        line.Append(' ');
    }

    /// <summary>The line without trailing spaces: the last column is as wide as its text.</summary>
    private static string Take(StringBuilder line)
    {
        int length = line.Length;
        while (length > 0 && line[length - 1] == ' ')
        {
            length--;
        }

        string text = SafeText.Escape(line.ToString(0, length));
        line.Clear();
        return text;
    }
}
