using System.Globalization;

namespace ConsistentMadvise;

/// <summary>How a host starts its helper, and knows that it is one of the same version.</summary>
internal static class HelperStart
{
    /// <summary>The mode of the command <c>cmadvise</c>; after it stands the pid of the host.</summary>
    public const string Mode = "helper";

    /// <summary>Raised with each change of what the two say, or of an enumeration that is in it.</summary>
    private const int Protocol = 1;

    /// <summary>What a helper says once it is ready.</summary>
    public static string ReadyLine(int pid) => string.Create(CultureInfo.InvariantCulture, $"helper {Protocol} {pid}");
}
