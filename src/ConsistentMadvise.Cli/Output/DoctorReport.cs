using Spectre.Console;

namespace ConsistentMadvise.Cli;

/// <summary>The text of <c>doctor</c>: mark, name, first Linux version and result, in 80 columns.</summary>
internal static class DoctorReport
{
    public const string Legend = "- missing, ! not permitted, ? unknown";

    private const int Width = 80;

    private const int SinceWidth = 7;

    /// <summary>Returns the lines, the first of each feature with the colour of its mark.</summary>
    /// <param name="features">The features.</param>
    /// <param name="nameWidth">The maximum length of a name.</param>
    public static IEnumerable<(Color? Color, string Text)> Lines(IEnumerable<Feature> features, int nameWidth)
    {
        string indent = new(' ', 2 + nameWidth + 1 + SinceWidth);
        foreach (Feature feature in features)
        {
            string start = $"{Mark(feature.State)} {feature.Name.PadRight(nameWidth)} {feature.Since.PadRight(SinceWidth)}";
            string[] texts = feature.IsAvailable ? [feature.Detail] : [feature.Detail, $"Without it: {feature.Consequence}"];
            string[] lines = [.. texts.SelectMany(text => Wrap(text, Width - indent.Length))];
            yield return (feature.IsAvailable ? Color.Green : Color.Yellow, $"{start}{lines.FirstOrDefault()}".TrimEnd());
            foreach (string line in lines.Skip(1))
            {
                yield return (null, indent + line);
            }
        }
    }

    private static char Mark(FeatureState state) => state switch
    {
        FeatureState.Available => '+',
        FeatureState.Missing => '-',
        FeatureState.NotPermitted => '!',
        _ => '?',
    };

    /// <summary>Wraps a text at spaces; a word that is too long, such as a path, is cut.</summary>
    private static IEnumerable<string> Wrap(string text, int width)
    {
        string rest = SafeText.Escape(text);
        while (rest.Length > width)
        {
            int space = rest.LastIndexOf(' ', width);
            int cut = space > 0 ? space : width;
            yield return rest[..cut];
            rest = rest[cut..].TrimStart(' ');
        }

        yield return rest;
    }
}
