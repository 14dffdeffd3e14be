using System.Globalization;
using System.Text;

namespace ConsistentMadvise.Cli;

/// <summary>The swap space that is free. Source: <c>/proc/meminfo</c>, proc_meminfo(5).</summary>
internal static class SwapSpace
{
    private const string Label = "SwapFree:";

    /// <summary>Returns the free bytes; 0 if there is no swap, or it cannot be determined.</summary>
    public static ulong ReadFree()
    {
        try
        {
            return Parse(Encoding.UTF8.GetString(File.ReadAllBytes("/proc/meminfo")).Split('\n'));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    internal static ulong Parse(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(static line => line.StartsWith(Label, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(Label.Length).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong kibibytes)
            ? kibibytes * 1024
            : 0;
    }
}
