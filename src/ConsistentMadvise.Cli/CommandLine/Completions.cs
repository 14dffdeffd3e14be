using System.CommandLine;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>The directive <c>[suggest:POSITION] "LINE"</c>, by which a shell requests completions; the protocol of <c>dotnet-suggest</c>.</summary>
/// <remarks>The parser supports it only for a RootCommand; see <see cref="Tool"/>.</remarks>
internal static class Completions
{
    private const string Directive = "[suggest";

    /// <summary>Writes the completions at the position, one per line; returns false if the command line does not request them.</summary>
    public static bool TryWrite(string[] args, Command root, ParserConfiguration grammar, CommandOutput output)
    {
        if (args.Length == 0 || !args[0].StartsWith(Directive, StringComparison.Ordinal) || !args[0].EndsWith(']'))
        {
            return false;
        }

        string value = args[0][Directive.Length..^1].TrimStart(':');
        string line = args.Length > 1 ? args[^1] : string.Empty;
        int position = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? Math.Min(given, line.Length) : line.Length;
        foreach (string label in root.Parse(line[..position], grammar).GetCompletions(position).Select(static item => item.InsertText ?? item.Label).Distinct())
        {
            output.Line(label);
        }

        return true;
    }
}
