namespace ConsistentMadvise.KernelTests;

/// <summary>A cgroup v2 leaf of its own for one target.</summary>
internal sealed class TestCgroup : IDisposable
{
    private static int s_made;
    private readonly string? _parent;

    public TestCgroup(int pid, string suffix = "", bool nested = false)
    {
        Path = System.IO.Path.Combine(
            CgroupProbe.MountPoint!, $"consistent-madvise-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}{suffix}");
        if (nested)
        {
            _parent = Path;
            Path = System.IO.Path.Combine(_parent, "leaf");
        }

        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.freeze"), "0"); // it may be what a killed run with the same pid has left
        File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.procs"), $"{pid}");
    }

    public string Path { get; }

    public bool IsFrozen => File.ReadAllText(System.IO.Path.Combine(Path, "cgroup.events")).Contains("frozen 1", StringComparison.Ordinal);

    /// <summary>Whether this very group was set to freeze, and not one above it.</summary>
    public bool IsSetFrozen => File.ReadAllText(System.IO.Path.Combine(Path, "cgroup.freeze")).StartsWith('1');

    public bool IsParentSetFrozen => File.ReadAllText(System.IO.Path.Combine(_parent!, "cgroup.freeze")).StartsWith('1');

    public void Freeze(bool frozen) => Freeze(Path, frozen);

    /// <summary>Writes a 1, and does not wait.</summary>
    public void WriteFreeze() => File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.freeze"), "1");

    public void FreezeParent(bool frozen) => Freeze(_parent!, frozen);

    /// <summary>Moves a process to the root of the hierarchy.</summary>
    public static void Release(int pid) => File.WriteAllText(System.IO.Path.Combine(CgroupProbe.MountPoint!, "cgroup.procs"), $"{pid}");

    private void Freeze(string directory, bool frozen)
    {
        File.WriteAllText(System.IO.Path.Combine(directory, "cgroup.freeze"), frozen ? "1" : "0");
        Eventually.Holds(() => IsFrozen == frozen, "the cgroup has changed its state");
    }

    /// <summary>Call it when the target has exited: a group with a process in it cannot be removed.</summary>
    public void Dispose() => Eventually.Holds(TryRemove, "the cgroup of the test is empty");

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(Path);
            if (_parent is not null)
            {
                Directory.Delete(_parent);
            }

            return true;
        }
        catch (IOException)
        {
            return false; // EBUSY: the process is still being released
        }
    }
}
