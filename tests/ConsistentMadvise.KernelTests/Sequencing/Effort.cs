using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>How much the statistical tests do: little by default, more when the environment variable CM_EFFORT names a factor.</summary>
internal static class Effort
{
    private static readonly int Factor =
        int.TryParse(Environment.GetEnvironmentVariable("CM_EFFORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor > 0 ? factor : 1;

    public static int Times(int count) => checked(count * Factor);
}
