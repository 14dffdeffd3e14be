namespace ConsistentMadvise.KernelTests;

/// <summary>A cgroup v2 leaf of its own for one target.</summary>
internal sealed class TestCgroup : IDisposable
{
    private static int s_made;
    public TestCgroup(int pid, string suffix = "")
    {
        Path = System.IO.Path.Combine(
            CgroupProbe.MountPoint!, $"consistent-madvise-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}{suffix}");
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.procs"), $"{pid}");
    }

    public string Path { get; }

    public bool IsFrozen => File.ReadAllText(System.IO.Path.Combine(Path, "cgroup.events")).Contains("frozen 1", StringComparison.Ordinal);

    public void Freeze(bool frozen)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.freeze"), frozen ? "1" : "0");
        Eventually.Holds(() => IsFrozen == frozen, "the cgroup has changed its state");
    }

    /// <summary>Call it when the target has ended: a group with a process in it cannot be removed.</summary>
    public void Dispose() => Eventually.Holds(TryRemove, "the cgroup of the test is empty");

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(Path);
            return true;
        }
        catch (IOException)
        {
            return false; // EBUSY: the process is still being released
        }
    }
}
