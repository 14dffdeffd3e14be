using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Benchmarks;

/// <summary>Texts of maps that real processes had.</summary>
internal static class MapsTexts
{
    public static IEnumerable<string> Names => ["dotnet", "node", "python3", "sh"];

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    public static byte[][] Lines(string name)
    {
        List<byte[]> lines = [];
        byte[] text = Read(name);
        foreach (Range line in text.AsSpan().Split((byte)'\n'))
        {
            lines.Add(text[line]);
        }

        return [.. lines[..^1]];
    }

    public static LayoutSnapshot Layout(string name)
    {
        Kernel.Open(System.Text.Encoding.UTF8.GetBytes(PathOf(name) + "\0"), Uapi.O_RDONLY, out SafeDescriptor file);
        using SafeDescriptor opened = file;
        (Errno _, VmaTable vmas, UInt128 hash) = new LayoutReader().ReadAsync(file, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        LayoutToken token = new(new ProcessIdentity(1, 1, 1), vmas.Count, hash);
        return new LayoutSnapshot(vmas, token, space: null, isStable: true, reads: 1, DateTimeOffset.UtcNow);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".maps");
}
