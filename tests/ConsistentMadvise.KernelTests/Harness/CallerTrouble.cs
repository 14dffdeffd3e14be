using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>What keeps a caller from thawing its target in time, on the side of the caller.</summary>
internal static partial class CallerTrouble
{
    /// <summary>What it reads when the trouble is to begin.</summary>
    public const string Begins = "trouble";

    public const string JobControl = "SIGTSTP";
    public const string Collection = "collection of 400 MB";
    public const string CoreDump = "dumping core of 400 MB";
    public const string Throttled = "quota of 5 %";
    public const string Descriptors = "RLIMIT_NOFILE reached";
    public const string Aborted = "aborted";
    public const string ForkedChild = "killed, forked child left";

    /// <summary>Where it dumps its core. In memory: what a file system adds to the time is not asked for.</summary>
    public const string CoreDirectory = "/dev/shm/consistent-madvise-core";

    private const int Core = 4; // RLIMIT_CORE
    private const int Objects = 4_000_000;
    private const int ObjectBytes = 76; // 100 with what the runtime adds

    private static readonly List<SafeDescriptor> Open = [];
    private static object? s_heap;
    private static string s_trouble = string.Empty;

    /// <summary>Makes what it takes, before there is a target.</summary>
    public static void Prepare(string trouble)
    {
        s_trouble = trouble;
        if (trouble is Collection or CoreDump)
        {
            byte[][] heap = new byte[Objects][];
            for (int i = 0; i < heap.Length; i++)
            {
                heap[i] = new byte[ObjectBytes];
            }

            s_heap = heap;
        }

        if (trouble == CoreDump)
        {
            Assert.Equal(Errno.None, Kernel.SetLimit(Core, ulong.MaxValue, ulong.MaxValue));
            Directory.SetCurrentDirectory(Directory.CreateDirectory(CoreDirectory).FullName);
        }

        if (trouble == Throttled)
        {
            // Before its thread asks for a real-time class, which a group without a share of that refuses.
            Directory.CreateDirectory(QuotaGroup(Environment.ProcessId));
            File.WriteAllText($"{QuotaGroup(Environment.ProcessId)}/cgroup.procs", $"{Environment.ProcessId}");
        }

        if (trouble == JobControl)
        {
            Assert.Equal(0, setpgid(0, 0)); // its parent is in another group of the session: the kernel does not discard the signal
        }
    }

    /// <summary>Gets into it, on the thread that holds the target. Returns where standing still is what follows.</summary>
    public static void Begin()
    {
        // A first SIGABRT from outside is taken by the runtime, which goes on.
        if (s_trouble is Aborted or CoreDump)
        {
            abort();
        }

        while (s_trouble is Collection or Throttled)
        {
            if (s_trouble == Collection)
            {
                GC.Collect();
            }
        }

        while (s_trouble == Descriptors && Kernel.Open("/dev/null\0"u8, Uapi.O_RDONLY, out SafeDescriptor file).Ok)
        {
            Open.Add(file);
        }

        GC.KeepAlive(s_heap);
        Console.In.ReadLine();
    }


    /// <summary>Where a group can be throttled: cgroup v1 has a file for that in every group, v2 in those below the root.</summary>
    public static string? QuotaRoot { get; } = File.ReadLines("/proc/self/mounts").Select(static line => line.Split(' '))
        .Where(static words => words[2] == "cgroup" && words[3].Split(',').Contains("cpu")).Select(static words => words[1])
        .Concat(CgroupProbe.MountPoint is { } point && File.ReadAllText($"{point}/cgroup.subtree_control").Split(' ', '\n').Contains("cpu") ? [point] : [])
        .FirstOrDefault();

    /// <summary>Leaves the group of a caller that is prepared for it 5 ms of each 100. Returns the group.</summary>
    public static string Throttle(int pid)
    {
        string group = QuotaGroup(pid);
        if (File.Exists($"{group}/cpu.max"))
        {
            File.WriteAllText($"{group}/cpu.max", "5000 100000");
        }
        else
        {
            File.WriteAllText($"{group}/cpu.cfs_period_us", "100000");
            File.WriteAllText($"{group}/cpu.cfs_quota_us", "5000");
        }

        return group;
    }

    private static string QuotaGroup(int pid) => $"{QuotaRoot}/consistent-madvise-quota-{pid}";

    [LibraryImport("libc")]
    private static partial void abort();

    [LibraryImport("libc")]
    private static partial int setpgid(int pid, int pgid);
}
