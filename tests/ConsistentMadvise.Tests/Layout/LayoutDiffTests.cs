using CsCheck;

namespace ConsistentMadvise.Tests;

public sealed class LayoutDiffTests
{
    private const string A = "00001000-00002000 rw-p 00000000 00:00 0 ";
    private const string B = "00003000-00004000 r--p 00000000 fe:00 7                                  /b";
    private const string C = "00006000-00008000 rw-p 00000000 00:00 0 ";

    [Fact]
    public void Between_SameText_IsTheEmptyDiff()
    {
        Assert.Same(LayoutDiff.Empty, TestLayout.Of(A, B).DiffTo(TestLayout.Of(A, B)));
        Assert.Empty(LayoutDiff.Empty);
    }

    [Theory]
    [InlineData(A, A + "\n" + B, "mapped 00003000-00004000 r--p /b")]
    [InlineData(B, A + "\n" + B, "mapped 00001000-00002000 rw-p")]
    [InlineData(A + "\n" + C, A, "unmapped 00006000-00008000 rw-p")]
    [InlineData(A, "00001000-00002000 r--p 00000000 00:00 0 ", "changed 00001000-00002000 rw-p -> 00001000-00002000 r--p")]
    [InlineData(A, "00001000-00003000 rw-p 00000000 00:00 0 ", "changed 00001000-00002000 rw-p -> 00001000-00003000 rw-p")]
    [InlineData(B, "00003000-00004000 r--p 00000000 fe:00 7                                  /c", "changed 00003000-00004000 r--p /b -> 00003000-00004000 r--p /c")]
    [InlineData(B, "00003000-00004000 r--p 00000000 fe:00 8                                  /b", "changed 00003000-00004000 r--p /b -> 00003000-00004000 r--p /b")]
    public void Between_OneDifference_NamesIt(string before, string after, string expected) =>
        Assert.Equal(expected, Assert.Single(TestLayout.Of(before).DiffTo(TestLayout.Of(after))).ToString());

    [Fact]
    public void Between_VmaSplitInTwo_IsChangedAndMapped()
    {
        LayoutDiff diff = TestLayout.Of(C).DiffTo(TestLayout.Of("00006000-00007000 rw-p 00000000 00:00 0 ", "00007000-00008000 r--p 00000000 00:00 0 "));
        Assert.Equal([LayoutChangeKind.Changed, LayoutChangeKind.Mapped], diff.Select(static change => change.Kind));
        Assert.Null(diff[1].Before);
        Assert.Equal(0x7000ul, diff[1].After!.Value.Start);
    }

    [Fact]
    public void Between_AnyTwoLayouts_TurnsOneIntoTheOther() =>
        Gen.Select(TestGen.Layout, TestGen.Layout).Sample(static (before, after) =>
        {
            LayoutDiff diff = before.DiffTo(after);
            Dictionary<ulong, Vma> vmas = before.ToDictionary(static vma => vma.Start);
            foreach (LayoutChange change in diff)
            {
                if (change.Before is { } old)
                {
                    Assert.Equal(old, vmas[old.Start]);
                    vmas.Remove(old.Start);
                }

                if (change.After is { } young)
                {
                    vmas.Add(young.Start, young);
                }
            }

            Assert.Equal(after, vmas.Values.OrderBy(static vma => vma.Start));
            Assert.Equal(diff.Count, diff.Select(static change => (change.Before ?? change.After)!.Value.Start).Distinct().Count());
        }, iter: 300);
}
