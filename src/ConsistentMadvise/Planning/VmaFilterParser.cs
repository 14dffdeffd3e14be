using System.Text;

namespace ConsistentMadvise;

/// <summary>The outer grammar of <see cref="VmaFilter"/>: terms, commas, negation, operators and quotes. Parses one text.</summary>
internal sealed class VmaFilterParser(string text)
{
    private int _at;
    private VmaFilterError? _error;

    /// <summary>Returns the terms; null at the first error.</summary>
    public Func<Vma, bool>[]? Parse(out VmaFilterError? error)
    {
        List<Func<Vma, bool>> terms = [];
        do
        {
            if (ParseTerm() is not { } term)
            {
                error = _error;
                return null;
            }

            terms.Add(term);
        }
        while (TryTake(','));

        error = null;
        return [.. terms];
    }

    private Func<Vma, bool>? ParseTerm()
    {
        SkipSpaces();
        bool isNegated = TryTake('!');
        SkipSpaces();
        int start = _at;
        string word = TakeWhile(char.IsAsciiLetter);
        if (word.Length == 0)
        {
            return Fail(start, $"A term is missing; write one of {VmaFilterTerm.Names}.");
        }

        SkipSpaces();
        int operatorAt = _at;
        string comparison = TakeWhile(static c => c is '=' or '<' or '>' or '!');
        Func<Vma, bool>? term = VmaFilterTerm.IsComparison(word)
            ? ParseComparison(word, start, comparison, operatorAt)
            : ParseFlag(word, start, comparison, operatorAt);
        SkipSpaces();
        if (term is not null && _at < text.Length && text[_at] != ',')
        {
            return Fail(_at, "A comma is missing; write one between two terms, or quotes around a value with special characters.");
        }

        return term is null || !isNegated ? term : vma => !term(vma);
    }

    private Func<Vma, bool>? ParseFlag(string word, int start, string comparison, int operatorAt)
    {
        Func<Vma, bool>? flag = VmaFilterTerm.Flag(word);
        return flag is null ? Fail(start, $"'{word}' is not a term; write one of {VmaFilterTerm.Names}.")
            : comparison.Length != 0 ? Fail(operatorAt, $"'{word}' has no value; write {word} or !{word}.")
            : flag;
    }

    private Func<Vma, bool>? ParseComparison(string word, int start, string comparison, int operatorAt)
    {
        string example = VmaFilterTerm.Example(word);
        if (comparison.Length == 0)
        {
            return Fail(start, $"'{word}' needs a value; write it as in {example}.");
        }

        if (!VmaFilterTerm.Accepts(word, comparison))
        {
            return Fail(operatorAt, comparison == "!="
                ? $"A term is negated as a whole; write !{word}= instead of {word}!=."
                : $"'{word}' does not support {comparison}; write it as in {example}.");
        }

        SkipSpaces();
        int valueAt = _at;
        if (TakeValue(example) is not { } value)
        {
            return null;
        }

        return VmaFilterTerm.Compare(word, comparison, value) ?? Fail(valueAt, $"'{value}' is not a value for '{word}'; {VmaFilterTerm.Explain(word)}");
    }

    private string? TakeValue(string example)
    {
        if (TryTake('"'))
        {
            return TakeQuoted();
        }

        int start = _at;
        string value = TakeWhile(static c => c is not ',' and not '"').TrimEnd(' ');
        if (_at < text.Length && text[_at] == '"')
        {
            Fail(_at, "Quote inside an unquoted value; quote the whole value, and write \\\" for a quote in it.");
            return null;
        }

        if (value.Length == 0)
        {
            Fail(start, $"A value is missing; write it as in {example}.");
            return null;
        }

        return value;
    }

    private string? TakeQuoted()
    {
        int quoteAt = _at - 1;
        StringBuilder value = new();
        while (_at < text.Length)
        {
            char c = text[_at++];
            if (c == '"')
            {
                return value.ToString();
            }

            if (c == '\\')
            {
                if (_at == text.Length || text[_at] is not ('"' or '\\'))
                {
                    Fail(_at - 1, "A backslash in quotes escapes only a quote or a backslash; write \\\\ for a backslash.");
                    return null;
                }

                c = text[_at++];
            }

            value.Append(c);
        }

        Fail(quoteAt, "Unterminated quote; add a closing quote after the value.");
        return null;
    }

    private Func<Vma, bool>? Fail(int position, string message)
    {
        _error = new VmaFilterError(position, message);
        return null;
    }

    private string TakeWhile(Func<char, bool> isPart)
    {
        int start = _at;
        while (_at < text.Length && isPart(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private bool TryTake(char c)
    {
        bool found = _at < text.Length && text[_at] == c;
        _at += found ? 1 : 0;
        return found;
    }

    private void SkipSpaces()
    {
        while (TryTake(' '))
        {
        }
    }
}
