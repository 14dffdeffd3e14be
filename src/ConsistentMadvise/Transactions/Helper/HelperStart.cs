using System.Globalization;

namespace ConsistentMadvise;

/// <summary>How a host starts its helper, and recognizes one of the same version.</summary>
internal static class HelperStart
{
    /// <summary>The mode of the command <c>cmadvise</c>; the pid of the host follows it.</summary>
    public const string Mode = "helper";

    /// <summary>Incremented with each change to the messages, or to an enumeration in them.</summary>
    private const int Protocol = 1;

    /// <summary>The line that a helper prints when it is ready.</summary>
    public static string ReadyLine(int pid) => string.Create(CultureInfo.InvariantCulture, $"helper {Protocol} {pid}");
}
