using System.Text;

namespace ConsistentMadvise.Tests;

/// <summary>Files in one deep directory, mapped by turns, made a capture keep the whole path of each: 1.5 MB of directories cost 2.1 GB.</summary>
public sealed class NamesOfAFewDirectoriesCostGigabytes
{
    private const int Vmas = 20_000;

    /// <summary>61 KB, as nested directories make it: no line of maps has a bound.</summary>
    private static readonly string Directory = string.Concat(Enumerable.Range(0, 300).Select(static i => $"/d{i:000}{new string('y', 200)}"));

    [Theory]
    [InlineData(2)]
    [InlineData(Vmas)]
    public void Keep_ManyFilesOfADeepDirectory_CostsWhatTheFilesDo(int files)
    {
        byte[][] names = [.. Enumerable.Range(0, Math.Min(files, 64)).Select(static i => Encoding.ASCII.GetBytes($"{Directory}/{i:00000}"))];
        VmaTable table = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Vmas; i++)
        {
            byte[] name = names[i % names.Length];
            Encoding.ASCII.GetBytes($"{i % files:00000}", name.AsSpan(name.Length - 5));
            ref VmaRecord record = ref table.Next();
            record = new VmaRecord { Start = (ulong)i, End = (ulong)i + 1 };
            table.Keep(ref record, name);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 12_000_000);
        Assert.Equal($"{Directory}/{(Vmas - 1) % files:00000}", new Vma(in table[Vmas - 1], table.Names).GetName());
        Assert.Equal($"{Directory}/00001", new Vma(in table[1], table.Names).GetName());
    }
}
