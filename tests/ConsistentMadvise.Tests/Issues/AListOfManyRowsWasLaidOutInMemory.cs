using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests;

/// <summary>A snapshot of 65,000 VMAs took 446 MB and 5 to 13 seconds, as the whole table was laid out before its first row was written.</summary>
public sealed class AListOfManyRowsWasLaidOutInMemory
{
    private const int Rows = 20_000;

    [Fact]
    public void Lines_ManyRows_AreMadeOneByOne()
    {
        int[] rows = [.. Enumerable.Range(0, Rows)];
        int made = 0;
        Column<int> number = new(">Number", static row => $"{row}");
        Column<int> name = new("Name", row => $"{made++}");

        using IEnumerator<string> lines = TextTable.Lines(rows, number, name).GetEnumerator();

        Assert.True(lines.MoveNext() && lines.MoveNext());
        Assert.Equal((1, "     0 0"), (made, lines.Current));
    }

    [Fact]
    public void Rows_ManyRows_AllocateOnlyTheirText()
    {
        int[] rows = [.. Enumerable.Range(0, Rows)];
        CommandOutput output = new(TextWriter.Null, TextWriter.Null, isTerminal: false);
        long before = GC.GetAllocatedBytesForCurrentThread();

        output.Rows(rows, new Column<int>(">Number", static row => $"{row}"), new Column<int>("Name", static _ => "name"));

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Rows, 0, 1000);
    }
}
