using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks for what does not depend on who asks.</summary>
internal static class MachineProbe
{
    private const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";

    public static Feature Pidfd()
    {
        Errno errno = Kernel.PidfdOpen(Environment.ProcessId, out int pidfd);
        if (errno.Ok)
        {
            Kernel.Close(pidfd);
        }

        FeatureState state = errno.Ok ? FeatureState.Available
            : errno == Errno.ENOSYS ? FeatureState.Missing
            : errno == Errno.EPERM ? FeatureState.NotPermitted
            : FeatureState.Unknown;
        return new Feature("pidfd_open", "5.3", state, $"asked for the own process: {errno}", "nothing works: a target could not be told from another process that gets its pid");
    }

    public static Feature PidfdIdentity(OtherProcess? other)
    {
        ulong inode = other is null ? 0 : ConsistentMadvise.PidfdIdentity.Read(other.Pidfd);
        return new Feature(
            "pidfd identity", "6.9", other is null ? FeatureState.Unknown : inode != 0 ? FeatureState.Available : FeatureState.Missing,
            other is null ? "there is no other process to compare with" : inode != 0 ? "each process's pidfd has an inode number of its own" : "all pidfds have one inode number",
            "tokens and plans from another process tell a reused pid by the start time alone");
    }

    public static unsafe Feature MapsQuery()
    {
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, "/proc/self/maps\0"u8, Uapi.O_RDONLY, out int maps);
        if (errno.Ok)
        {
            procmap_query query = new() { size = (ulong)sizeof(procmap_query), query_flags = Uapi.PROCMAP_QUERY_COVERING_OR_NEXT_VMA };
            errno = Kernel.QueryMapping(maps, ref query);
            Kernel.Close(maps);
        }

        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOTTY ? FeatureState.Missing : FeatureState.Unknown;
        return new Feature("maps query", "6.11", state, $"PROCMAP_QUERY of the own maps: {errno}", "match 'ranges' reads the whole text while the target is frozen");
    }

    public static Feature LayoutSequence() => LayoutSequence(SequenceReader.Shared.Availability);

    internal static Feature LayoutSequence(SequenceAvailability availability) => new(
        "layout sequence", "6.14",
        availability.Obstacle switch
        {
            SequenceObstacle.None => FeatureState.Available,
            SequenceObstacle.NotPermitted => FeatureState.NotPermitted,
            SequenceObstacle.OutOfResources => FeatureState.Unknown,
            _ => FeatureState.Missing,
        },
        availability.IsAvailable ? "an eBPF program read mm_lock_seq of the own process, and mmap(2) moved it" : availability.Reason,
        "each recheck and capture reads the whole text; ABA (a VMA unmapped and mapped again with the same line) goes unseen; no match 'sequence', no optimistic hints, no watch");

    public static Feature SharerSearch()
    {
        Errno errno = ConsistentMadvise.SharerSearch.Availability;
        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOSYS ? FeatureState.Missing : FeatureState.NotPermitted;
        string counts = UsersReader.Shared is null ? "each search asks about every process" : "a search is only made when the kernel counts more users of an address space than threads";
        return new Feature(
            "sharer search", "3.5", state, errno.Ok ? $"kcmp(2) compared the own process with itself; {counts}" : $"kcmp(2): {errno}",
            "who shares a target's address space (CLONE_VM, vfork) is not looked for; what such a process changes in the window is found behind the hints, if at all");
    }

    public static Feature Swap()
    {
        ulong kibibytes = 0;
        int areas = 0;
        foreach (string line in File.ReadAllText("/proc/swaps").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            // Filename, type, size, used, priority. Spaces in the name are escaped.
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            areas++;
            kibibytes += words.Length > 2 && ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong size) ? size : 0;
        }

        return new Feature(
            "swap", "any", areas > 0 ? FeatureState.Available : FeatureState.Missing,
            areas > 0 ? string.Create(CultureInfo.InvariantCulture, $"{kibibytes} KiB in /proc/swaps") : "none in /proc/swaps",
            "pageout of anonymous memory does nothing; clean file pages still leave");
    }

    public static Feature TransparentHugePages()
    {
        bool exists = File.Exists(HugePages);
        return new Feature(
            "transparent huge pages", "2.6.38", exists ? FeatureState.Available : FeatureState.Missing,
            exists ? $"enabled: {File.ReadAllText(HugePages).TrimEnd()}" : "the kernel was built without",
            "collapse has nothing to make");
    }
}
