using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>One line of a process's maps, read without the library that is under test.</summary>
internal sealed record MapsEntry(ulong Start, ulong End, string Permissions, string Path)
{
    /// <summary>The text of a process's maps.</summary>
    public static string ReadText(int pid) => File.ReadAllText($"/proc/{pid}/maps");

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
