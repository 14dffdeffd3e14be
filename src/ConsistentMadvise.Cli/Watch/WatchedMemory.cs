using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>How much memory a process has, and how much of it a hint could reach.</summary>
/// <param name="ResidentBytes">The resident memory: VmRSS.</param>
/// <param name="HintableBytes">The private anonymous part of it: RssAnon.</param>
/// <remarks>
/// From <c>/proc/PID/status</c>, whose counters the kernel maintains anyway: <c>smaps_rollup</c> has more, but walks the page tables under the lock
/// that the target's own changes wait for. File pages are left out: those of libraries are mapped by several processes, so the
/// kernel silently skips them, and status does not distinguish them. Source: proc_pid_status(5).
/// </remarks>
internal sealed record WatchedMemory(ulong ResidentBytes, ulong HintableBytes)
{
    public const string Definition =
        "Hintable is the resident memory that is private and anonymous (RssAnon in /proc/PID/status). It is an upper bound: pages that are locked, pinned or "
        + "still shared with a forked process stay. File pages are not counted: the kernel skips those that several processes map.";

    /// <summary>Parses <c>/proc/PID/status</c>; null if it has no such lines, as for an exiting process.</summary>
    public static WatchedMemory? Parse(string status) =>
        Field(status, "VmRSS:") is { } resident && Field(status, "RssAnon:") is { } anonymous ? new WatchedMemory(resident, anonymous) : null;

    /// <summary>Parses a line such as <c>VmRSS:      1234 kB</c>. A process name cannot fake one: its newlines are escaped.</summary>
    private static ulong? Field(string status, string name)
    {
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.EndsWith(" kB", StringComparison.Ordinal)
                && ulong.TryParse(line[name.Length..^3].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong kibibytes))
            {
                return kibibytes * 1024;
            }
        }

        return null;
    }
}
