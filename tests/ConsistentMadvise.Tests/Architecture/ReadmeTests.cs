using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary>What a reader copies out of a README compiles: it stands in <c>tests/ConsistentMadvise.Samples</c>, word for word.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Readmes_EveryBlockOfCSharp_IsASample()
    {
        string[] samples = [.. Directory.EnumerateFiles(Path.Combine(Page.Root, "tests/ConsistentMadvise.Samples"), "*.cs").SelectMany(static path => Samples(File.ReadAllText(path)))];
        (string Path, string Code)[] blocks = [.. from page in Page.ReadAll()
                                                  from Match match in Regex.Matches(page.Text, "```csharp\n(.*?)\n```", RegexOptions.Singleline)
                                                  select (page.Path, match.Groups[1].Value)];

        Assert.True(blocks.Count(static block => block.Path == "README.md") >= 4, "the README's programs were found");
        Assert.All(blocks, block => Assert.True(samples.Contains(block.Code), $"{block.Path} has code that is no sample:\n{block.Code}"));
    }

    [Fact]
    public void Samples_RegionAndWholeProgram_AreWhatAReaderSees()
    {
        Assert.Equal(["if (a)\n{\n    b();\n}", "c();"], Samples("class A\n{\n    // <x>\n    if (a)\n    {\n        b();\n    }\n    // </x>\n  // <y>\n  c();\n  // </y>\n}\n"));
        Assert.Equal(["using A;\n\nb();"], Samples("using A;\n\nb();\n"));
    }

    /// <summary>The regions between <c>// &lt;name&gt;</c> and <c>// &lt;/name&gt;</c>; of a file without one, all of it.</summary>
    private static IEnumerable<string> Samples(string text)
    {
        MatchCollection regions = Regex.Matches(text, @"^( *)// <(\w+)>\n(.*?)\n *// </\2>$", RegexOptions.Singleline | RegexOptions.Multiline);
        return regions.Count == 0
            ? [text.TrimEnd('\n')]
            : regions.Select(static region => Regex.Replace(region.Groups[3].Value, $"^{region.Groups[1].Value}", "", RegexOptions.Multiline));
    }
}
