using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Sizes as people read them.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Returns a number with its noun, as <c>1 range</c> or <c>3 ranges</c>.</summary>
    public static string Count(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? string.Empty : "s")}");

    /// <summary>Returns a size with at most one decimal, as <c>1.5 MiB</c>.</summary>
    public static string Show(ulong bytes)
    {
        double size = bytes;
        int unit = 0;
        while (size >= 1024)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {Units[unit]}");
    }
}
