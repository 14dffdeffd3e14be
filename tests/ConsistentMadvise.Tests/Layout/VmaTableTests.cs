using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class VmaTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(20_000)]
    public void Keep_AcrossBlocks_KeepsEveryRecordAndName(int count)
    {
        VmaTable table = new();
        for (int i = 0; i < count; i++)
        {
            ref VmaRecord record = ref table.Next();
            record = new VmaRecord { Start = (ulong)i, End = (ulong)i + 1 };
            table.Keep(ref record, Name(i));
        }

        Assert.Equal(count, table.Count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal((ulong)i, table[i].Start);
            Assert.Equal(Name(i), new Vma(in table[i], table.Names).NameBytes.ToArray());
        }
    }

    [Fact]
    public void Next_WithoutKeep_IsNotCountedAndGivenAgain()
    {
        VmaTable table = new();
        table.Next().Start = 1;
        ref VmaRecord record = ref table.Next();
        record = new VmaRecord { Start = 2, End = 3 };
        Assert.Equal(0, table.Count);
        table.Keep(ref record, []);
        Assert.Equal((1, 2ul), (table.Count, table[0].Start));
    }

    [Fact]
    public void Keep_NeighboursOfOneName_ShareIt()
    {
        VmaTable table = new();
        foreach (string name in new[] { "/lib/a.so", "/lib/a.so", "a.so", "/lib/b.so", "/lib/a.so" })
        {
            ref VmaRecord record = ref table.Next();
            table.Keep(ref record, Encoding.UTF8.GetBytes(name));
        }

        Assert.Equal(table[0].NameStart, table[1].NameStart);
        Assert.Equal(["/lib/a.so", "/lib/a.so", "a.so", "/lib/b.so", "/lib/a.so"], Enumerable.Range(0, 5).Select(i => new Vma(in table[i], table.Names).GetName()));
    }

    /// <remarks>Some without, some of a neighbour, some longer than the names before them together.</remarks>
    private static byte[] Name(int i) => (i % 5) switch
    {
        0 => [],
        4 => Encoding.ASCII.GetBytes(new string('x', i % 3000)),
        _ => Encoding.ASCII.GetBytes($"/lib/{i / 5}.so"),
    };
}
