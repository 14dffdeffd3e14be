namespace ConsistentMadvise.Tests;

/// <summary>What a page names exists: files, folders, classes and methods of tests.</summary>
public sealed class PageReferenceTests
{
    private static readonly RepositoryNames Names = new(Page.Root);

    [Fact]
    public void Pages_EveryPathAndTestThatTheyName_Exists()
    {
        IReadOnlyList<Page> pages = Page.ReadAll();
        string[] dead = [.. from page in pages
                            from reference in page.References()
                            where Names.IsDead(reference.Reference, Path.GetDirectoryName(page.Path)!)
                            select $"{page.Path}:{reference.Line} names {reference.Reference}"];

        Assert.Contains(pages, static page => page.Path == "README.md");
        Assert.Contains(pages, static page => page.Path == "design/01-the-race.md");
        Assert.True(dead.Length == 0, $"these are not in the repository:\n{string.Join('\n', dead)}");
    }

    [Theory]
    [InlineData("src/ConsistentMadvise/Targets/", false)]
    [InlineData("src/ConsistentMadvise/Nowhere/", true)]
    [InlineData("src/Targets/", true)]
    [InlineData("Targets/", false)]
    [InlineData("Freezing/Recovery/", false)]
    [InlineData("Recovery/Freezing/", true)]
    [InlineData("Tests/Layout/", false)]
    [InlineData("KernelTests/Layout/", true)]
    [InlineData("SourceFile.cs", false)]
    [InlineData("MutationTests.cs", true)]
    [InlineData("Page...Tests.cs", false)]
    [InlineData("model/check.sh", false)]
    [InlineData("model/nothing.sh", true)]
    [InlineData("../tests/ConsistentMadvise.Tests/Architecture/SourceFile.cs", false)]
    [InlineData("../tests/ConsistentMadvise.Tests/SourceFile.cs", true)]
    [InlineData("PageReferenceTests", false)]
    [InlineData("PageReferenceTests.Pages_EveryPathAndTestThatTheyName_Exists", false)]
    [InlineData("kernel/exit.c", false)]
    [InlineData("/proc/PID/maps", false)]
    [InlineData("SustainedLowLatency", false)]
    public void IsDead_AReference_IsFoundWhereItIsMissing(string reference, bool isDead) => Assert.Equal(isDead, Names.IsDead(reference, "design"));

    [Theory]
    [InlineData("Nothing", "Tests")]
    [InlineData("PageReferenceTests.Pages", "_NothingOfTheKind")]
    public void IsDead_ATestThatIsGone_IsFound(string name, string end) => Assert.True(Names.IsDead(name + end, "design"));

    [Fact]
    public void References_SpansAndLinks_AreReadOutsideOfBlocks()
    {
        Page page = new("a.md", "one `A/B.cs` and [c](d.md#e), [web](https://f.example)\n```\n`no`\n```\n`G.cs`");

        Assert.Equal([(1, "A/B.cs"), (1, "d.md"), (5, "G.cs")], page.References());
    }
}
