using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary>A file of the library: the room it is in, and its text without comments and literals.</summary>
internal sealed partial record SourceFile(string Path, string Room, string Code)
{
    public static SourceFile Create(string path, string text) =>
        new(path, System.IO.Path.GetDirectoryName(path)!, Noise().Replace(text, " "));

    /// <summary>The files of a project under <c>src</c>, with paths relative to it.</summary>
    public static IReadOnlyList<SourceFile> ReadProject(string project)
    {
        string root = System.IO.Path.Combine(SourceRoot(), project);
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: path, Relative: System.IO.Path.GetRelativePath(root, path)))
            .Where(static file => !file.Relative.StartsWith("obj/", StringComparison.Ordinal) && !file.Relative.StartsWith("bin/", StringComparison.Ordinal))
            .Select(static file => Create(file.Relative, File.ReadAllText(file.Path)))];
    }

    public static IEnumerable<string> Projects() => Directory.EnumerateDirectories(SourceRoot()).Select(static path => System.IO.Path.GetFileName(path));

    /// <summary>The names of the types that the file declares.</summary>
    public IEnumerable<string> Declared() => Declaration().Matches(Code).Select(static match => match.Groups["name"].Value);

    public bool Mentions(string name) => Regex.IsMatch(Code, $@"(?<![\w@]){Regex.Escape(name)}(?!\w)");

    public static string SourceRoot([CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath("../../../src", System.IO.Path.GetDirectoryName(here)!);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|""""""+.*?""""""+|@""(?:[^""]|"""")*""|""(?:\\.|[^""\\\n])*""|'(?:\\.|[^'\\\n])+'", RegexOptions.Singleline)]
    private static partial Regex Noise();

    [GeneratedRegex(@"\b(?:class|interface|enum|delegate\s+[\w<>\[\]?]+|record\s+struct|record|struct)\s+(?<name>[A-Za-z_]\w*)")]
    private static partial Regex Declaration();
}
