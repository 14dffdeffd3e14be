using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>How much memory a process has, and how much of it a hint could reach.</summary>
/// <param name="ResidentBytes">What is mapped and present: VmRSS.</param>
/// <param name="HintableBytes">What is private and anonymous of it: RssAnon.</param>
/// <remarks>
/// From <c>/proc/PID/status</c>, whose counters the kernel keeps up anyway: <c>smaps_rollup</c> knows more, but walks the page tables under the lock
/// that the target's own changes wait for. Pages of files are left out: those of libraries are mapped by more than one process, for which the
/// kernel skips them without a word, and status does not tell them from the others. Source: proc_pid_status(5).
/// </remarks>
internal sealed record WatchedMemory(ulong ResidentBytes, ulong HintableBytes)
{
    public const string Definition =
        "Hintable is the resident memory that is private and anonymous (RssAnon in /proc/PID/status). It is an upper bound: pages that are locked, pinned or "
        + "still shared with a forked process stay. Pages of files are not counted: the kernel skips those that several processes map.";

    /// <summary>Parses <c>/proc/PID/status</c>; null when it has no such lines, as that of a process on its way out.</summary>
    public static WatchedMemory? Parse(string status) =>
        Field(status, "VmRSS:") is { } resident && Field(status, "RssAnon:") is { } anonymous ? new WatchedMemory(resident, anonymous) : null;

    /// <summary>A line as <c>VmRSS:      1234 kB</c>. No name of a process looks like one: newlines in it are escaped.</summary>
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
