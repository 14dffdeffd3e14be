using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary>A page for people: README, <c>design/</c>, <c>.github/</c>, or the README of a package.</summary>
internal sealed partial record Page(string Path, string Text)
{
    private static readonly string[] Generated = ["design/matrix.md", "design/noticed.md"];

    public static string Root => System.IO.Path.GetDirectoryName(SourceFile.SourceRoot())!;

    /// <summary>The pages that people write, with paths from the root of the repository.</summary>
    public static IReadOnlyList<Page> ReadAll() =>
        [.. Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(System.IO.Path.Combine(Root, "design"), "*.md"))
            .Concat(Directory.EnumerateFiles(System.IO.Path.Combine(Root, ".github"), "*.*", SearchOption.AllDirectories))
            .Concat(SourceFile.Projects().Select(static project => System.IO.Path.Combine(SourceFile.SourceRoot(), project, "README.md")).Where(File.Exists))
            .Select(static path => System.IO.Path.GetRelativePath(Root, path))
            .Except(Generated)
            .Order(StringComparer.Ordinal)
            .Select(static path => new Page(path, File.ReadAllText(System.IO.Path.Combine(Root, path))))];

    /// <summary>Its code spans and the targets of its links, each with its line number. Blocks of code are left out.</summary>
    public IEnumerable<(int Line, string Reference)> References()
    {
        bool isBlock = false;
        foreach ((int index, string line) in Text.Split('\n').Index())
        {
            isBlock ^= line.StartsWith("```", StringComparison.Ordinal);
            foreach (Match match in isBlock ? [] : Spans().Matches(line).Concat(Links().Matches(line)))
            {
                yield return (index + 1, match.Groups[1].Value);
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex Links();
}
