using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary>Every file and folder of the repository, and every word of its C# sources: what a page may refer to.</summary>
internal sealed partial class RepositoryNames
{
    private static readonly string[] Outputs = ["bin", "obj", ".git", "artifacts", "packages", "TestResults", "StrykerOutput"];

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);

    public RepositoryNames(string root) => Add(root, root);

    /// <summary>Whether a page means something of the repository by this, and it is not there.</summary>
    public bool IsDead(string reference, string folder) =>
        PathForm().IsMatch(reference) ? IsPath(reference, folder) && !Exists(reference, folder)
        : TestForm().Match(reference) is { Success: true } test && !test.Value.Split('.').All(_words.Contains);

    /// <summary>Paths of the kernel and of other programs begin otherwise.</summary>
    private bool IsPath(string reference, string folder)
    {
        string first = reference.Split('/')[0];
        return reference.EndsWith(".cs", StringComparison.Ordinal) || first is ".." or "." || char.IsAsciiLetterUpper(first[0]) || _paths.Contains(first) || _paths.Contains(Join(folder, first));
    }

    private bool Exists(string reference, string folder)
    {
        string path = reference.TrimEnd('/');
        if (_paths.Contains(Join(folder, path)) || _paths.Contains(path))
        {
            return true;
        }

        // From a folder of src or tests on, or from a project, which a page may name without its first word; '...' stands for a part of a name.
        string tail = path.TrimStart('.', '/');
        return !path.StartsWith("src/", StringComparison.Ordinal) && !path.StartsWith("tests/", StringComparison.Ordinal)
            && _paths.Any(Regex($@"(/|^tests/ConsistentMadvise\.){System.Text.RegularExpressions.Regex.Escape(tail).Replace(@"\.\.\.", @"\w*", StringComparison.Ordinal)}$").IsMatch);
    }

    private static Regex Regex(string pattern) => new(pattern, RegexOptions.CultureInvariant);

    private static string Join(string folder, string path) => Path.GetRelativePath("/", Path.GetFullPath(path, $"/{folder}"));

    private void Add(string root, string folder)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (Outputs.Contains(Path.GetFileName(path)))
            {
                continue;
            }

            _paths.Add(Path.GetRelativePath(root, path));
            if (Directory.Exists(path))
            {
                Add(root, path);
            }
            else if (path.EndsWith(".cs", StringComparison.Ordinal))
            {
                _words.UnionWith(Word().Matches(File.ReadAllText(path)).Select(static match => match.Value));
            }
        }
    }

    /// <summary>With a slash, or a file of ours; not from the root of the file system.</summary>
    [GeneratedRegex(@"^[\w.+-]+(/[\w.+-]+)*/$|^[\w.+-]+(/[\w.+-]+)+$|^[\w.+-]+\.(cs|md)$")]
    private static partial Regex PathForm();

    /// <summary>A class or method of tests by its name.</summary>
    [GeneratedRegex(@"^([A-Z]\w+Tests(\.\w+)?|A[A-Z]?[a-z]\w{23,}|The[A-Z]\w{22,})$")]
    private static partial Regex TestForm();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();
}
