using ConsistentMadvise.Fuzz;

namespace ConsistentMadvise.Tests;

/// <summary>What the fuzzer found worth keeping still holds.</summary>
public sealed class CorpusTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static TheoryData<string> Targets { get; } = [.. FuzzTarget.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Check_EveryFileOfTheCorpus_Holds(string target)
    {
        string[] files = Files(target);
        Assert.True(files.Length >= 5, $"the corpus of {target} was found");
        foreach (string file in files)
        {
            Exception? problem = Record.Exception(() => FuzzTarget.Find(target)!.Run(File.ReadAllBytes(file)));
            Assert.True(problem is null, $"{file}: {problem}");
        }
    }

    [Fact]
    public void Corpora_Folders_AreTheTargets() =>
        Assert.Equal(FuzzTarget.All.Select(static target => target.Name).Order(), Directory.EnumerateDirectories(Root).Select(Path.GetFileName).Order());

    internal static string[] Files(string target) => [.. Directory.EnumerateFiles(Path.Combine(Root, target)).Order(StringComparer.Ordinal)];
}
