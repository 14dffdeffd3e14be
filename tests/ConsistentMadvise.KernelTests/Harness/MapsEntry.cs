using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>One line of a process's maps, read without the library that is under test.</summary>
internal sealed record MapsEntry(ulong Start, ulong End, string Permissions, string Path)
{
    /// <summary>The text of a process's maps.</summary>
    /// <remarks>Not by <see cref="File"/>, which asks for a lock of each file: an engine that has a window on the process holds one on its maps.</remarks>
    public static string ReadText(int pid)
    {
        Assert.Equal(Errno.None, Kernel.Open(Encoding.ASCII.GetBytes($"/proc/{pid}/maps\0"), Uapi.O_RDONLY, out SafeDescriptor descriptor));
        using SafeDescriptor maps = descriptor;
        using MemoryStream text = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        do
        {
            Assert.Equal(Errno.None, Kernel.Read(descriptor, buffer, out count));
            text.Write(buffer, 0, count);
        }
        while (count > 0);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <summary>The lines of a process's maps.</summary>
    public static IReadOnlyList<MapsEntry> ReadAll(int pid) => [.. ReadText(pid).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>The line that begins at an address.</summary>
    public static MapsEntry At(int pid, ulong address) => ReadAll(pid).Single(entry => entry.Start == address);

    private static MapsEntry Parse(string line)
    {
        string[] words = line.Split(' ', 6);
        string[] range = words[0].Split('-');
        return new MapsEntry(Hex(range[0]), Hex(range[1]), words[1], words[5].TrimStart());
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
