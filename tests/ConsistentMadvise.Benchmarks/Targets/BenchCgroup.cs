namespace ConsistentMadvise.Benchmarks;

/// <summary>A cgroup v2 leaf of its own for one target.</summary>
internal sealed class BenchCgroup : IDisposable
{
    private readonly string _parent;
    private readonly int _pid;

    private BenchCgroup(string mount, int pid)
    {
        _pid = pid;
        _parent = mount;
        Directory = Path.Combine(mount, $"consistent-madvise-benchmark-{pid}");
        System.IO.Directory.CreateDirectory(Directory);
        File.WriteAllText(Path.Combine(Directory, "cgroup.procs"), $"{pid}");
    }

    public string Directory { get; }

    /// <summary>Null when this machine has no cgroup v2 hierarchy, or the caller may not make a group in it.</summary>
    public static BenchCgroup? TryCreate(int pid)
    {
        try
        {
            return CgroupV2.ReadMounts(out IReadOnlyList<CgroupMount> mounts).Ok && mounts.Count > 0 ? new BenchCgroup(mounts[0].Point.ToString(), pid) : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (System.IO.Directory.Exists($"/proc/{_pid}"))
        {
            File.WriteAllText(Path.Combine(_parent, "cgroup.procs"), $"{_pid}");
        }

        System.IO.Directory.Delete(Directory);
    }
}
