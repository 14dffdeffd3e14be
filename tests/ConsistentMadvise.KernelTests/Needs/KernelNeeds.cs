using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ConsistentMadvise.KernelTests;

/// <summary>Finds out once for each need whether this machine meets it, by trying.</summary>
internal static class KernelNeeds
{
    private static readonly ConcurrentDictionary<Needs, Lazy<string?>> Tried = [];

    /// <summary>Whether a missing need fails its tests instead of skipping them.</summary>
    public static bool Required => Environment.GetEnvironmentVariable("CM_REQUIRE_KERNEL") == "1";

    /// <summary>Null when all needs are met, otherwise the first that is not and why.</summary>
    public static string? Missing(Needs needs)
    {
        for (int rest = (int)needs; rest != 0; rest &= rest - 1)
        {
            Needs need = (Needs)(rest & -rest);
            if (Tried.GetOrAdd(need, static need => new Lazy<string?>(() => Try(need))).Value is string why)
            {
                return $"needs {need}: {why}";
            }
        }

        return null;
    }

    // Null when it is there.
    private static string? Try(Needs need) => need switch
    {
        Needs.Root => Environment.IsPrivilegedProcess ? null : "the tests run as an ordinary user",
        Needs.Ptrace => ProcessProbes.Ptrace(),
        Needs.NiceCapability => ProcessProbes.Advise(),
        Needs.CgroupV2 => CgroupProbe.Try(),
        Needs.Swap => ZramSwap.WhyNot(),
        Needs.MapsQuery => ProcessProbes.QueryMaps(),
        Needs.Bpf => BpfProbe.Try(),
        Needs.X64 => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? null : $"this machine is {RuntimeInformation.ProcessArchitecture}",
        Needs.Compiler => CCompiler.WhyNot(),
        Needs.SyscallTracepoints => Tracefs.WhyNot(),
        Needs.Userfaultfd => ProcessProbes.ManageFaults(),
        Needs.IoUring => ProcessProbes.OpenRing(),
        Needs.TimeNamespace => ProcessProbes.UnshareTime(),
        Needs.PagemapScan => ProcessProbes.ScanPages(),
        Needs.Fuse => ProcessProbes.OpenFuse(),
        Needs.Seccomp => ProcessProbes.Filter(),
        _ => "nothing is known of it",
    };
}
