namespace ConsistentMadvise.KernelTests;

/// <summary>Tries to make and freeze a cgroup.</summary>
internal static class CgroupProbe
{
    /// <summary>Where the cgroup v2 hierarchy is mounted, null if it is not.</summary>
    public static string? MountPoint { get; } = File.ReadLines("/proc/self/mounts")
        .Select(static line => line.Split(' '))
        .FirstOrDefault(static words => words[2] == "cgroup2")?[1];

    public static string? Try()
    {
        if (MountPoint is null)
        {
            return "no cgroup v2 hierarchy is mounted";
        }

        string cgroup = Path.Combine(MountPoint, $"consistent-madvise-probe-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(cgroup);
            File.WriteAllText(Path.Combine(cgroup, "cgroup.freeze"), "1");
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
        finally
        {
            if (Directory.Exists(cgroup))
            {
                Directory.Delete(cgroup);
            }
        }
    }
}
