using System.Text;

namespace ConsistentMadvise.Fuzz;

/// <summary><see cref="VmaFilter"/>: a filter is the conjunction of its terms, a negated term the complement, and every mistake is shown in its place.</summary>
internal static class FilterFuzz
{
    private static readonly LayoutSnapshot Layout = FuzzLayout.Of(
        """
        00010000-00020000 r-xp 00000000 fe:00 7                                  /bin/x
        00020000-00030000 rw-p 00000000 00:00 0                                  [heap]
        7f0000000000-7f0000001000 rw-p 00000000 00:00 0 
        7f0000001000-7f0000003000 rw-s 00000000 00:01 9                          /dev/shm/a,b "q".so
        7f0000003000-7f0000103000 ---p 00000000 00:00 0 
        7f0000200000-7f0000201000 r--p 00003000 fe:00 18446744073709551615       /lib/lib ä\.so (deleted)
        7f0000201000-7f0000202000 -wxs 00000000 fe:00 1                          /dev/dri/card0
        7fff00000000-7fff00021000 rw-p 00000000 00:00 0                          [stack]
        7fff00030000-7fff00032000 r-xp 00000000 00:00 0                          [vdso]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

        """);

    public static void Check(ReadOnlySpan<byte> input)
    {
        string text = InputText.Of(input);
        bool isFilter = VmaFilter.TryParse(text, out VmaFilter? filter, out VmaFilterError? error);
        Oracle.Same(isFilter, filter is not null && error is null);
        if (error is not null)
        {
            Oracle.Holds(error.Position >= 0 && error.Position <= text.Length && error.Message.Length > 0);
            Oracle.Throws<FormatException>(() => VmaFilter.Parse(text));
            return;
        }

        Oracle.Same(text, filter!.ToString());
        int selected = Selected(text);
        Oracle.Same(0, Selected(text + ",!all"));
        Oracle.Same(selected, Selected($" all , {text} "));
        Oracle.Same(selected, Selected($"{text},{text}"));

        int all = Selected("all"), conjunction = all;
        foreach (string term in Terms(text))
        {
            int alone = Selected(term);
            conjunction &= alone;
            Oracle.Same(all & ~alone, Selected(Negated(term)));
        }

        Oracle.Same(conjunction, selected);
    }

    /// <summary>A bit for each VMA of the layout.</summary>
    private static int Selected(string text)
    {
        VmaFilter filter = VmaFilter.Parse(text);
        int selected = 0;
        for (int i = 0; i < Layout.Count; i++)
        {
            selected |= filter.Matches(Layout[i]) ? 1 << i : 0;
        }

        return selected;
    }

    /// <summary>Cuts a filter at the commas that are outside quotes.</summary>
    private static List<string> Terms(string text)
    {
        List<string> terms = [];
        StringBuilder term = new();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == ',' && !isQuoted)
            {
                terms.Add(term.ToString());
                term.Clear();
                continue;
            }

            term.Append(text[i]);
            if (text[i] == '\\' && isQuoted)
            {
                term.Append(text[++i]);
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
        }

        terms.Add(term.ToString());
        return terms;
    }

    private static string Negated(string term)
    {
        string bare = term.TrimStart(' ');
        return bare[0] == '!' ? bare[1..] : "!" + bare;
    }
}
