using System.Diagnostics;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Tries on a process what the tests will do to their targets.</summary>
internal static class ProcessProbes
{
    public static string? Ptrace()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        Errno errno = default;

        // By a thread that ends: its exit detaches.
        Thread tracer = new(() => errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, target.Pid, 0));
        tracer.Start();
        tracer.Join();
        return errno.Ok ? null : $"PTRACE_SEIZE: {errno}";
    }

    public static string? Advise()
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        Errno errno = Kernel.ProcessMadvise(target.Pidfd, [], Uapi.MADV_COLD, out _);
        return errno.Ok ? null : $"process_madvise: {errno}";
    }

    public static string? ManageFaults() => TryOn(static target => target.ManageFaults(target.Map(1), 1).Register());

    public static string? OpenRing() => TryOn(static target => target.OpenRing());

    public static string? OpenFuse()
    {
        try
        {
            using FileStream device = new("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }

    public static string? UnshareTime()
    {
        // A program that is executed is in the new namespace (Linux 6.0); before, only a child would be.
        const string Compare = "[ \"$(readlink /proc/$$/ns/time)\" = \"$(readlink /proc/$$/ns/time_for_children)\" ] && [ \"$(readlink /proc/$$/ns/time)\" != \"$0\" ]";
        using Process unshare = Process.Start("unshare", ["--time", "--boottime", "1000", "sh", "-c", Compare, new FileInfo("/proc/self/ns/time").LinkTarget ?? string.Empty]);
        Assert.True(unshare.WaitForExit(Eventually.Patience), "unshare has exited");
        return unshare.ExitCode == 0 ? null : $"unshare --time: exit code {unshare.ExitCode}";
    }

    public static string? Filter()
    {
        Errno errno = default;
        SeccompFilter.RunDenying([], Errno.EPERM, () => errno = Errno.None);
        return RuntimeInformation.ProcessArchitecture == Architecture.X64 && errno.Ok ? null : "seccomp(2) is not to be used here";
    }

    public static string? ScanPages()
    {
        Errno errno = Kernel.Open("/proc/self/pagemap\0"u8, Uapi.O_RDONLY, out SafeDescriptor pagemap);
        if (!errno.Ok)
        {
            return $"/proc/self/pagemap: {errno}";
        }

        using (pagemap)
        {
            pm_scan_arg scan = new() { category_mask = Uapi.PAGE_IS_PRESENT, return_mask = Uapi.PAGE_IS_PRESENT };
            errno = Kernel.ScanPages(pagemap, ref scan, new page_region[1], out _);
            return errno.Ok ? null : $"PAGEMAP_SCAN: {errno}";
        }
    }

    public static string? QueryMaps()
    {
        Errno errno = Kernel.Open("/proc/self/maps\0"u8, Uapi.O_RDONLY, out SafeDescriptor descriptor);
        if (!errno.Ok)
        {
            return $"/proc/self/maps: {errno}";
        }

        using SafeDescriptor maps = descriptor;
        procmap_query query = new()
        {
            size = (ulong)Marshal.SizeOf<procmap_query>(),
            query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA,
        };
        errno = Kernel.QueryMapping(maps, ref query);
        return errno.Ok ? null : $"PROCMAP_QUERY: {errno}";
    }

    private static string? TryOn(Action<RaceTargetProcess> action)
    {
        using RaceTargetProcess target = RaceTargetProcess.Start();
        try
        {
            action(target);
            return null;
        }
        catch (Exception refused) when (refused is RaceTargetException or Xunit.Sdk.XunitException)
        {
            return refused.Message;
        }
    }
}
