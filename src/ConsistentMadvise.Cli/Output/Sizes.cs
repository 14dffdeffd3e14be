using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Human-readable sizes.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Returns a number with its noun, such as <c>1 range</c> or <c>3 ranges</c>.</summary>
    public static string Count(int number, string noun) => Count(number, noun, noun + "s");

    /// <summary>The same for a noun with an irregular plural.</summary>
    public static string Count(int number, string noun, string plural) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? noun : plural)}");

    /// <summary>Returns a size with at most one decimal, such as <c>1.5 MiB</c>.</summary>
    public static string Show(ulong bytes)
    {
        if (bytes < 1024 * 1024 && bytes % 1024 == 0 && bytes != 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KiB"); // most VMAs by far, and a snapshot shows thousands
        }

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
