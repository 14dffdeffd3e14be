namespace ConsistentMadvise.Tests;

/// <summary>The words of the pages and of the sources.</summary>
public sealed class ProseTests
{
    [Fact]
    public void Pages_WordsThatReadersStumbleOver_AreNotThere()
    {
        IReadOnlyList<Page> pages = Page.ReadAll();
        string[] mistakes = [.. from page in pages
                                from line in page.Text.Split('\n').Index()
                                from word in HouseWord.All
                                where word.Count(line.Item) > 0
                                select $"{page.Path}:{line.Index + 1} says '{word.Find(line.Item)[0].Value}'; write: {word.Instead}"];

        Assert.Contains(pages, static page => page.Path == ".github/CONTRIBUTING.md");
        Assert.True(mistakes.Length == 0, string.Join('\n', mistakes));
    }

    /// <remarks>A ratchet: <c>Words.txt</c> beside this file has a count for each word, which may only fall. <c>CM_APPROVE=1</c> writes lower counts, never higher ones.</remarks>
    [Fact]
    public void Sources_WordsThatReadersStumbleOver_BecomeFewer()
    {
        string path = Path.Combine(Page.Root, "tests/ConsistentMadvise.Tests/Architecture/Words.txt");
        string[] sources = [.. Directory.EnumerateFiles(SourceFile.SourceRoot(), "*.cs", SearchOption.AllDirectories).Where(static file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText)];
        Dictionary<string, int> allowed = File.ReadLines(path).Select(static line => line.Split('\t')).ToDictionary(static parts => parts[1], static parts => int.Parse(parts[0], null));
        (HouseWord Word, int Count, int Allowed)[] counts = [.. HouseWord.All.Select(word => (word, sources.Sum(word.Count), allowed.GetValueOrDefault(word.Pattern)))];
        if (Environment.GetEnvironmentVariable("CM_APPROVE") == "1")
        {
            File.WriteAllLines(path, counts.Where(static word => word is { Count: > 0, Allowed: > 0 }).Select(static word => $"{Math.Min(word.Count, word.Allowed)}\t{word.Word.Pattern}"));
        }

        string[] more = [.. counts.Where(static word => word.Count > word.Allowed).Select(static word => $"'{word.Word.Pattern}' {word.Count} times, {word.Allowed} allowed; write: {word.Word.Instead}")];
        Assert.True(sources.Length > 200, "the sources were found");
        Assert.True(more.Length == 0, $"src says more often than it did:\n{string.Join('\n', more)}");
    }

    [Theory]
    [InlineData("the look behind the hints", true)]
    [InlineData("Nobody is left", true)]
    [InlineData("lets the target run", true)]
    [InlineData("the process executed a program", true)]
    [InlineData("stubborn", false)]
    [InlineData("BehindTheHintsTests", false)]
    [InlineData("intellectual", false)]
    [InlineData("known by its name", false)]
    public void Find_AWordOfItsOwn_IsFound(string text, bool isFound) => Assert.Equal(isFound, HouseWord.All.Any(word => word.Count(text) > 0));
}
