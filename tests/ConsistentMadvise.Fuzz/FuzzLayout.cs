using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Fuzz;

/// <summary>Makes snapshots from texts of maps, through the reader that reads a process.</summary>
internal static class FuzzLayout
{
    public static readonly ProcessIdentity Process = new(4242, 123456, 77);

    /// <summary>Long ahead, so that plans made with the system's clock never depend on its time.</summary>
    private static readonly DateTimeOffset CapturedAt = new(9000, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static LayoutSnapshot Of(string text)
    {
        using TextDescriptor whole = TextDescriptor.OfFile(Encoding.UTF8.GetBytes(text));
        Read(new LayoutReader(), whole, out Errno errno, out VmaTable vmas, out UInt128 hash);
        Oracle.Same(Errno.None, errno);
        return Of(vmas, hash);
    }

    public static LayoutSnapshot Of(VmaTable vmas, UInt128 hash) =>
        new(vmas, new LayoutToken(Process, vmas.Count, hash), space: null, isStable: true, reads: 2, CapturedAt);

    public static void Read(LayoutReader reader, TextDescriptor text, out Errno errno, out VmaTable vmas, out UInt128 hash) =>
        (errno, vmas, hash) = reader.ReadAsync(text.Descriptor, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
