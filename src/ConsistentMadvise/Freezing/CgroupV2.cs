using System.Globalization;
using System.Text;

namespace ConsistentMadvise;

/// <summary>Where the cgroup v2 hierarchy is mounted, and which of its groups a process is in (cgroups(7)).</summary>
internal static class CgroupV2
{
    private static readonly Lazy<string?> MountPoint = new(FindMount);

    /// <summary>The mount point of the hierarchy; null when there is none.</summary>
    public static string? Mount => MountPoint.Value;

    /// <summary>The path in a text of <c>/proc/PID/cgroup</c>, below the mount point; <c>/</c> for the root, null when there is none.</summary>
    public static string? PathIn(ReadOnlySpan<byte> text)
    {
        foreach (Range line in text.Split((byte)'\n'))
        {
            if (text[line].StartsWith("0::"u8))
            {
                // "/.." leads out of the caller's cgroup namespace, where our mount does not reach.
                string path = Encoding.UTF8.GetString(text[line][3..]);
                return path.StartsWith("/..", StringComparison.Ordinal) ? null : path;
            }
        }

        return null;
    }

    /// <summary>Tells whether a group is, or lies below, another.</summary>
    public static bool IsWithin(string path, string ancestor) =>
        path == ancestor || ancestor == "/" || path.StartsWith(ancestor + "/", StringComparison.Ordinal);

    /// <summary>Tells whether two paths name the same directory, as written or through links.</summary>
    public static bool IsSame(string path, string directory) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) == directory
        || (Directory.Exists(path) && Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName == directory);

    /// <summary>Tells whether a group can be frozen at all: it has no groups below it, and nobody in it who must never be frozen.</summary>
    public static bool IsUsable(string directory) =>
        Directory.GetDirectories(directory).Length == 0 && !Processes(directory).Any(static process => process == 1 || Ancestry.IsAncestorOfCaller(process));

    /// <summary>The process ids in a group; 0 stands for one outside the caller's pid namespace.</summary>
    public static int[] Processes(string directory) =>
        [.. File.ReadAllText(Path.Combine(directory, "cgroup.procs"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => int.Parse(line, CultureInfo.InvariantCulture))];

    private static string? FindMount()
    {
        foreach (string line in File.ReadAllText("/proc/self/mountinfo").Split('\n'))
        {
            if (line.Contains(" - cgroup2 ", StringComparison.Ordinal))
            {
                return line.Split(' ')[4];
            }
        }

        return null;
    }
}
