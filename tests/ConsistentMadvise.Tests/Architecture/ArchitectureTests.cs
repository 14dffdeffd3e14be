using System.Text.RegularExpressions;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>The rooms of the library and the arrows between them, read from the sources.</summary>
public sealed class ArchitectureTests
{
    private const string Native = @"\b(DllImport|LibraryImport|extern|LibC)\b";

    [Fact]
    public void Library_EveryFile_IsInAKnownRoom()
    {
        IReadOnlyList<SourceFile> files = SourceFile.ReadProject("ConsistentMadvise");

        Assert.True(files.Count > 50, "the sources were found");
        Assert.All(files, static file => Assert.True(RoomOrder.Knows(file.Room), $"{file.Path} is in no room"));
    }

    [Fact]
    public void Library_NoRoom_UsesOneAboveIt() => Assert.Empty(RoomOrder.FindMistakes(SourceFile.ReadProject("ConsistentMadvise")));

    /// <remarks><c>CM_APPROVE=1</c> redraws it.</remarks>
    [Fact]
    public void Design_DiagramOfRooms_IsWhatTheSourcesSay()
    {
        string path = Path.GetFullPath("../design/README.md", SourceFile.SourceRoot());
        string page = File.ReadAllText(path);
        string drawn = RoomDiagram.Update(page, SourceFile.ReadProject("ConsistentMadvise"));
        if (Environment.GetEnvironmentVariable("CM_APPROVE") == "1")
        {
            File.WriteAllText(path, drawn);
        }

        Assert.True(page == drawn, "the diagram in design/README.md is not what the sources say: look at what CM_APPROVE=1 makes of it");
    }

    [Fact]
    public void Draw_AnArrowThatFollowsFromOthers_IsLeftOut()
    {
        string drawn = RoomDiagram.Draw(new HashSet<(string, string)> { ("Layout", "Sequencing"), ("Sequencing", "Targets"), ("Layout", "Targets") });

        Assert.Contains("  Layout --> Sequencing\n", drawn, StringComparison.Ordinal);
        Assert.Contains("  Sequencing --> Targets\n", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain("Layout --> Targets", drawn, StringComparison.Ordinal);
    }

    /// <summary>The list cannot be made at run time: a program that is trimmed would keep every type.</summary>
    [Fact]
    public void WindowWarmup_TypesThatItCompiles_AreThoseThatRunFrozen()
    {
        SourceFile warmup = Assert.Single(SourceFile.ReadProject("ConsistentMadvise"), static file => file.Path == "Transactions/WindowWarmup.cs");

        Assert.Equal(
            typeof(RunsFrozenAttribute).Assembly.GetTypes().Where(static type => type.IsDefined(typeof(RunsFrozenAttribute), false)).Select(static type => type.Name).Order(),
            Regex.Matches(warmup.Code, @"typeof\((\w+)\)").Select(static match => match.Groups[1].Value).Order());
    }

    [Fact]
    public void Sources_NativeDeclarationsAndCalls_AreInInteropOnly()
    {
        SourceFile[] files = [.. SourceFile.Projects().SelectMany(SourceFile.ReadProject).Where(static file => Regex.IsMatch(file.Code, Native))];

        Assert.NotEmpty(files);
        Assert.All(files, static file => Assert.StartsWith("Interop/", file.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Layout/A.cs", "class A { Upper field; }", true)]
    [InlineData("Layout/A.cs", "class A { static object Make() => new Upper(); }", true)]
    [InlineData("Telemetry/A.cs", "class A { Upper field; }", true)]
    [InlineData("Interop/A.cs", "class A { Upper field; }", true)]
    [InlineData("Engine/A.cs", "class A { Upper field; }", false)]
    [InlineData("Transactions/A.cs", "class A { Upper field; }", false)]
    [InlineData("Layout/A.cs", "/// <see cref=\"Upper\"/>\nclass A { /* Upper */ string text = \"Upper\"; UpperCase field; }", false)]
    public void FindMistakes_AFileThatNamesATypeAbove_IsFoundUnlessItMay(string path, string text, bool isMistake)
    {
        SourceFile[] files = [SourceFile.Create("Transactions/Upper.cs", "internal readonly record struct Upper(int Value);"), SourceFile.Create(path, text)];

        Assert.Equal(isMistake ? [$"{path} uses Upper of Transactions"] : [], RoomOrder.FindMistakes(files));
    }
}
