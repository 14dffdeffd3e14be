using System.Collections;

namespace ConsistentMadvise.Tests;

public sealed class LayoutSnapshotTests
{
    [Fact]
    public void TryFind_EveryAddressOfFewPages_AgreesWithASearchOneByOne()
    {
        LayoutSnapshot layout = TestLayout.Of(
            "00001000-00003000 rw-p 00000000 00:00 0 ", "00003000-00004000 r--p 00000000 00:00 0 ", "00006000-00007000 rw-p 00000000 00:00 0 ");
        for (ulong address = 0; address < 0x9000; address += 0x800)
        {
            Vma[] expected = [.. layout.Where(vma => vma.Range.Contains(address))];
            Assert.Equal(expected.Length == 1, layout.TryFind(address, out Vma found));
            Assert.Equal(expected.FirstOrDefault(), found);
        }
    }

    [Fact]
    public void TryFind_Vsyscall_IsFound()
    {
        LayoutSnapshot layout = TestLayout.FromText(TestLayout.Fixture("sh"));
        Assert.True(layout.TryFind(0xffff_ffff_ff60_0800, out Vma vma));
        Assert.Equal("[vsyscall]", vma.GetName());
        Assert.False(layout.TryFind(ulong.MaxValue, out _));
    }

    [Fact]
    public void TryFind_NoVmas_FindsNothing() => Assert.False(TestLayout.Of().TryFind(0, out _));

    [Fact]
    public void Indexer_OutsideTheVmas_IsRefused()
    {
        LayoutSnapshot layout = TestLayout.FromText(TestLayout.Fixture("sh"));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => layout[layout.Count]);
        Assert.Equal("[vsyscall]", layout[layout.Count - 1].GetName());
    }

    [Fact]
    public void Enumerator_AllKinds_GiveTheVmasInOrder()
    {
        LayoutSnapshot layout = TestLayout.FromText(TestLayout.Fixture("node"));
        List<Vma> direct = [];
        foreach (Vma vma in layout)
        {
            direct.Add(vma);
        }

        Assert.Equal(layout.Count, direct.Count);
        Assert.Equal(direct, ((IEnumerable)layout).Cast<Vma>());
        Assert.Equal(direct.OrderBy(static vma => vma.Start), direct);
        using LayoutSnapshot.Enumerator again = layout.GetEnumerator();
        Assert.True(again.MoveNext());
        again.Reset();
        Assert.True(again.MoveNext());
        Assert.Equal(direct[0], again.Current);
    }

    [Fact]
    public void Token_Snapshot_CountsItsVmasAndNamesItsProcess()
    {
        LayoutSnapshot layout = TestLayout.FromText(TestLayout.Fixture("sh"));
        Assert.Equal((TestLayout.Process, layout.Count, TestLayout.Process), (layout.Token.Process, layout.Token.VmaCount, layout.Process));
    }
}
