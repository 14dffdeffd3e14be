using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>The options and arguments of several commands. Each command needs its own instances: the parser binds them to it.</summary>
internal static class Options
{
    public static Argument<int> Pid() => new("PID")
    {
        Description = "The process id of the target.",
        HelpName = "PID",
        CustomParser = static result => Read<int>(result, static text =>
            (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0, pid),
            static text => $"'{text}' is not a process id; write a decimal number above zero."),
    };

    public static Option<Advice?> Advice()
    {
        Option<Advice?> option = new("--advice")
        {
            Description = "The advice: cold, pageout, willneed, collapse, or the number of a MADV_ constant.",
            HelpName = "ADVICE",
            CustomParser = static result => Read<Advice?>(result, static text =>
                (ConsistentMadvise.Advice.TryParse(text, out Advice advice), advice),
                static text => $"'{text}' is not an advice; write cold, pageout, willneed, collapse, or the number of a MADV_ constant."),
        };
        option.CompletionSources.Add([.. ConsistentMadvise.Advice.Known.Select(static advice => advice.ToString())]);
        return option;
    }

    public static Option<VmaFilter> Filter(string description) => new("--filter")
    {
        Description = description,
        HelpName = "FILTER",
        CustomParser = static result =>
        {
            string text = result.Tokens[0].Value;
            if (VmaFilter.TryParse(text, out VmaFilter? filter, out VmaFilterError? error))
            {
                return filter;
            }

            result.AddError($"--filter: {error.Message}\n  {text}\n  {new string(' ', error.Position)}^");
            return null;
        },
    };

    public static Option<AddressRange[]> Ranges() => new("--range")
    {
        Description = "A range of addresses, START-END in hexadecimal as maps prints it; may be repeated.",
        HelpName = "START-END",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result => [.. result.Tokens.Select(token => ParseRange(result, token.Value))],
    };

    public static Option<LayoutToken> Token(string description) => new("--token")
    {
        Description = description,
        HelpName = "TOKEN",
        CustomParser = static result => Read<LayoutToken>(result, static text =>
            (LayoutToken.TryParse(text, null, out LayoutToken token), token),
            static text => $"'{text}' is not a layout token; a token begins with cm1- and is printed by 'cmadvise snapshot'."),
    };

    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string? problem = Durations.Parse(result.Tokens[0].Value, out TimeSpan time);
            if (problem is not null)
            {
                result.AddError($"{name}: {problem}");
            }

            return time;
        },
    };

    public static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Read<int?>(result, static text =>
            (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0, count),
            text => $"{name}: '{text}' is not a number above zero."),
    };

    /// <summary>An option whose value is one of a few words; the first, for the enumeration's zero value, is the default.</summary>
    public static Option<T> Word<T>(string name, string description, params (string Word, T Value)[] words)
        where T : struct, Enum
    {
        string all = string.Join('|', words.Select(static word => word.Word));
        Option<T> option = new(name)
        {
            Description = $"{description} ({words[0].Word} by default).",
            HelpName = all,
            CustomParser = result => Read(result, text =>
            {
                int index = Array.FindIndex(words, word => word.Word == text);
                return (index >= 0, index < 0 ? default : words[index].Value);
            },
            text => $"{name}: '{text}' is not one of {all}."),
        };
        option.CompletionSources.Clear(); // the enumeration's names, which the command line does not accept
        option.CompletionSources.Add([.. words.Select(static word => word.Word)]);
        return option;
    }

    private static AddressRange ParseRange(ArgumentResult result, string text)
    {
        if (!AddressRange.TryParse(text, null, out AddressRange range))
        {
            result.AddError($"'{text}' is not an address range; write START-END in hexadecimal with START below END, as in 7f0000000000-7f0000001000.");
        }
        else if (((range.Start | range.End) & ((ulong)Environment.SystemPageSize - 1)) != 0)
        {
            result.AddError($"The range {text} is not page-aligned; write multiples of {Environment.SystemPageSize:x} (hexadecimal).");
        }

        return range;
    }

    private static T? Read<T>(ArgumentResult result, Func<string, (bool Ok, T Value)> parse, Func<string, string> problem)
    {
        string text = result.Tokens[0].Value;
        (bool ok, T value) = parse(text);
        if (!ok)
        {
            result.AddError(problem(text));
        }

        return ok ? value : default;
    }
}
