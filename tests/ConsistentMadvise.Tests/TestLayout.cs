using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>Makes snapshots from texts of maps, through the reader that reads a process.</summary>
internal static class TestLayout
{
    public static readonly ProcessIdentity Process = new(4242, 123456, 77);

    /// <summary>Long ahead, so that plans made with the system's clock never depend on its time.</summary>
    public static readonly DateTimeOffset CapturedAt = new(9000, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static string[] FixtureNames { get; } = ["dotnet", "hostile", "node", "python3", "sh"];

    public static TheoryData<string> Fixtures { get; } = [.. FixtureNames];

    public static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".maps"));

    public static LayoutSnapshot Of(params string[] lines) => FromText(Text(lines));

    public static byte[] Text(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    public static LayoutSnapshot FromText(ReadOnlySpan<byte> text, DateTimeOffset? capturedAt = null)
    {
        (VmaTable vmas, UInt128 hash) = Read(text);
        return new LayoutSnapshot(vmas, new LayoutToken(Process, vmas.Count, hash), space: null, isStable: true, reads: 2, capturedAt ?? CapturedAt);
    }

    public static (VmaTable Vmas, UInt128 Hash) Read(ReadOnlySpan<byte> text)
    {
        using TextFile file = new(text);
        (Errno errno, VmaTable vmas, UInt128 hash) = new LayoutReader().ReadAsync(file.Descriptor, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Assert.Equal(Errno.None, errno);
        return (vmas, hash);
    }

    /// <summary>The lines of a text, without their newlines.</summary>
    public static List<byte[]> Lines(ReadOnlySpan<byte> text)
    {
        List<byte[]> lines = [];
        foreach (Range line in text.Split((byte)'\n'))
        {
            lines.Add(text[line].ToArray());
        }

        Assert.Empty(lines[^1]);
        lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    /// <summary>The line that the kernel writes for a VMA.</summary>
    public static byte[] Line(Vma vma) => Line(in vma.Record, vma.NameBytes);

    /// <summary>The line that the kernel writes for a record.</summary>
    public static byte[] Line(in VmaRecord vma, ReadOnlySpan<byte> name)
    {
        byte[] buffer = new byte[name.Length + 200];
        return buffer[..MapsLine.Format(buffer, in vma, name)];
    }
}
