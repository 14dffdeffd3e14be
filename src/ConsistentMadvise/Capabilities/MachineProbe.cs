using System.Globalization;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Probes features that do not depend on the caller's rights.</summary>
internal static class MachineProbe
{
    /// <summary>The kernel's release, from the caller's <c>uname(2)</c>: a procfs need not show it.</summary>
    public static string KernelRelease() =>
        WholeFile.ReadText("/proc/sys/kernel/osrelease\0"u8, out string release).Ok ? release : RuntimeInformation.OSDescription.Split(' ') is [_, var named, ..] ? named : "unknown";

    public static Feature Pidfd()
    {
        Errno errno = Kernel.PidfdOpen(Environment.ProcessId, out SafeDescriptor pidfd);
        pidfd.Dispose();

        FeatureState state = errno.Ok ? FeatureState.Available
            : errno == Errno.ENOSYS ? FeatureState.Missing
            : errno == Errno.EPERM ? FeatureState.NotPermitted
            : FeatureState.Unknown;
        return new Feature("pidfd_open", "5.3", state, $"asked for this process: {errno}", "nothing works: a target could not be distinguished from a process that reuses its pid");
    }

    public static Feature Procfs()
    {
        Errno errno = ProcNamespace.IsOwn(out bool isOwn);
        FeatureState state = !errno.Ok ? FeatureState.Unknown : isOwn ? FeatureState.Available : FeatureState.Missing;
        string detail = !errno.Ok ? $"/proc/self/status cannot be read: {errno}"
            : isOwn ? "/proc shows the caller's own pid namespace"
            : "/proc shows another pid namespace than the caller's; mount a procfs in this namespace (unshare --mount-proc)";
        return new Feature("procfs", "any", state, detail, "nothing works: a pid is one process in /proc and another in system calls");
    }

    public static Feature PidfdIdentity(OtherProcess? other)
    {
        ulong inode = other is null ? 0 : ConsistentMadvise.PidfdIdentity.Read(other.Pidfd);
        return new Feature(
            "pidfd identity", "6.9", other is null ? FeatureState.Unknown : inode != 0 ? FeatureState.Available : FeatureState.Missing,
            other is null ? "there is no other process to compare with" : inode != 0 ? "the inode number of a pidfd is unique to its process" : "all pidfds have one inode number",
            "tokens and plans from another process detect a reused pid only by the start time");
    }

    public static unsafe Feature MapsQuery()
    {
        Errno errno = Kernel.Open("/proc/self/maps\0"u8, Uapi.O_RDONLY, out LocalFile maps);
        using LocalFile opened = maps;
        if (errno.Ok)
        {
            procmap_query query = new() { size = (ulong)sizeof(procmap_query), query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA };
            errno = Kernel.QueryMapping(in maps, ref query);
        }

        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOTTY ? FeatureState.Missing : FeatureState.Unknown;
        return new Feature("maps query", "6.11", state, $"PROCMAP_QUERY of this process: {errno}", "match 'ranges' reads all of maps while the target is frozen");
    }

    public static Feature LayoutSequence() => LayoutSequence(SequenceReader.Shared.Availability);

    internal static Feature LayoutSequence(SequenceAvailability availability) => new(
        "layout sequence", "6.14",
        StateOf(availability),
        availability.IsAvailable ? "an eBPF program read mm_lock_seq of this process, and mmap(2) moved it" : availability.Reason,
        "each recheck and capture reads all of maps; ABA (a VMA unmapped and mapped again with the same line) is not detected; no match 'sequence', no optimistic hints, no watch");

    public static Feature VmaSequences()
    {
        SequenceAvailability availability = VmaSequenceReader.Get(out _);
        return new Feature(
            "VMA sequences", "6.14",
            StateOf(availability),
            availability.IsAvailable ? "an eBPF program read vm_lock_seq of VMAs of this process, and mprotect(2) moved the one that it changed" : availability.Reason,
            "match 'ranges' compares lines of maps, which does not detect ABA; optimistic hints for ranges are reported as raced after any change of the process");
    }

    public static Feature SharerSearch()
    {
        Errno errno = ConsistentMadvise.SharerSearch.Availability;
        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOSYS ? FeatureState.Missing : FeatureState.NotPermitted;
        string counts = UsersReader.Shared is null ? "each search compares every process" : "a search is made only if an address space has more users than threads";
        return new Feature(
            "sharer search", "3.5", state, errno.Ok ? $"kcmp(2) compared this process with itself; {counts}" : $"kcmp(2): {errno}",
            "processes sharing the address space (CLONE_VM, vfork) are not detected; changes they make in the window are noticed only after the hints, if at all");
    }

    public static Feature Swap()
    {
        Errno errno = WholeFile.ReadText("/proc/swaps\0"u8, out string text);
        ulong kibibytes = 0;
        int areas = 0;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            // Filename, type, size, used, priority. Spaces in the name are escaped.
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            areas++;
            kibibytes += words.Length > 2 && ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong size) ? size : 0;
        }

        return new Feature(
            "swap", "any", !errno.Ok ? FeatureState.Unknown : areas > 0 ? FeatureState.Available : FeatureState.Missing,
            !errno.Ok ? $"/proc/swaps cannot be read: {errno}" : areas > 0 ? string.Create(CultureInfo.InvariantCulture, $"{kibibytes} KiB in /proc/swaps") : "none in /proc/swaps",
            "pageout of anonymous memory does nothing; clean file pages still leave");
    }

    public static Feature TransparentHugePages()
    {
        Errno errno = WholeFile.ReadText("/sys/kernel/mm/transparent_hugepage/enabled\0"u8, out string enabled);
        return new Feature(
            "transparent huge pages", "2.6.38",
            errno.Ok ? FeatureState.Available : errno == Errno.ENOENT && HasSysfs() ? FeatureState.Missing : FeatureState.Unknown,
            errno.Ok ? $"enabled: {enabled}" : errno == Errno.ENOENT && HasSysfs() ? "the kernel was built without it" : $"sysfs cannot be read: {errno}",
            "collapse does nothing");
    }

    private static bool HasSysfs() => Kernel.LinkCount("/sys/kernel/mm\0"u8, out _).Ok;

    private static FeatureState StateOf(SequenceAvailability availability) => availability.Obstacle switch
    {
        SequenceObstacle.None => FeatureState.Available,
        SequenceObstacle.NotPermitted => FeatureState.NotPermitted,
        SequenceObstacle.OutOfResources => FeatureState.Unknown,
        _ => FeatureState.Missing,
    };
}
