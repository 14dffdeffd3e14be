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
        Errno errno = Kernel.ProcessMadvise(target.Pidfd.Value, [], Uapi.MADV_COLD, out _);
        return errno.Ok ? null : $"process_madvise: {errno}";
    }

    public static string? ManageFaults() => TryOn(static target => target.ManageFaults(target.Map(1), 1).Register());

    public static string? OpenRing() => TryOn(static target => target.OpenRing());

    public static string? QueryMaps()
    {
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, "/proc/self/maps\0"u8, Uapi.O_RDONLY, out int descriptor);
        if (!errno.Ok)
        {
            return $"/proc/self/maps: {errno}";
        }

        using SafeDescriptor maps = new(descriptor);
        procmap_query query = new()
        {
            size = (ulong)Marshal.SizeOf<procmap_query>(),
            query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA,
        };
        errno = Kernel.QueryMapping(maps.Value, ref query);
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
