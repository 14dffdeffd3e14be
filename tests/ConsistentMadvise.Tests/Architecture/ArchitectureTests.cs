using System.Text.RegularExpressions;

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
