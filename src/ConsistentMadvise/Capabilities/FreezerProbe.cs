using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Probes which freezers the caller may use, without freezing anything.</summary>
internal static class FreezerProbe
{
    public static Feature Ptrace(CallerRights rights)
    {
        // No thread has tid 0. A seccomp filter answers before the kernel looks it up.
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, 0, 0);
        Errno read = WholeFile.ReadText("/proc/sys/kernel/yama/ptrace_scope\0"u8, out string scope);
        (FeatureState state, string detail) = errno switch
        {
            _ when errno == Errno.ENOSYS => (FeatureState.Missing, "the kernel has no ptrace(2)"),
            _ when errno != Errno.ESRCH => (FeatureState.NotPermitted, $"ptrace(2) is not permitted at all: {errno}"),
            _ when scope == "3" => (FeatureState.NotPermitted, "kernel.yama.ptrace_scope is 3: no process may trace"),
            _ when rights.MayTrace => (FeatureState.Available, "any process (CAP_SYS_PTRACE)"),
            _ when scope == "0" || read == Errno.ENOENT => (FeatureState.Available, "processes of the same user that are dumpable"),
            _ when !read.Ok => (FeatureState.Unknown, $"kernel.yama.ptrace_scope cannot be read: {read}"),
            _ => (FeatureState.NotPermitted, $"kernel.yama.ptrace_scope is {scope}; run with CAP_SYS_PTRACE"),
        };
        return new Feature("freezer ptrace", "3.4", state, detail, "no freezer remains that the kernel itself undoes when the caller dies");
    }

    public static Feature Signal(CallerRights rights)
    {
        // Signal 0 is not sent; only the permission is checked.
        Errno errno = Kernel.PidfdOpen(Environment.ProcessId, out SafeDescriptor pidfd);
        using SafeDescriptor opened = pidfd;
        errno = errno.Ok ? Kernel.PidfdSendSignal(pidfd, 0) : errno;

        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOSYS ? FeatureState.Missing : FeatureState.NotPermitted;
        string detail = !errno.Ok ? $"pidfd_send_signal(2): {errno}" : rights.MaySignal ? "any process (CAP_KILL)" : "processes of the same user";
        return new Feature("freezer signal", "5.1", state, detail, "children of the caller can be frozen by their cgroup only");
    }

    public static Feature Cgroup()
    {
        (FeatureState state, string detail) = LookForGroup();
        return new Feature("freezer cgroup", "5.2", state, detail, "a target cannot be frozen by its cgroup; ptrace and signals remain");
    }

    /// <summary>Whether a guard that thaws in the caller's place is available. None is started.</summary>
    public static Feature Guard()
    {
        string? root = JournalRoots.OfCaller.FirstOrDefault(static path => IsWritable($"{path}\0") || IsWritable($"{Path.GetDirectoryName(path)}\0"));
        (FeatureState state, string detail) = FreezeGuard.WhyNot() is { } missing ? (FeatureState.Missing, missing)
            : root is null ? (FeatureState.NotPermitted, $"none of {string.Join(", ", JournalRoots.OfCaller)} is writable")
            : (FeatureState.Available, $"{WhoGuards()}; journals are kept in {root}{WhoSeesIt(root)}");
        return new Feature("freeze guard", "any", state, detail, "freezing by cgroup or signals is refused, unless it is allowed unguarded explicitly");
    }

    /// <summary>Whether a helper can be started is known only once one was; here its program is looked for.</summary>
    public static Feature Helper()
    {
        string? program = HelperProcess.FindProgram(out string why);
        FeatureState state = program is null ? FeatureState.Missing : FeatureState.Available;
        return new Feature(
            "transaction helper", "any", state, program ?? why,
            "host helper is refused; a caller that is stopped or dumps core holds its target as long, by ptrace without a limit");
    }

    private static string WhoGuards() => GuardBinary.Find() is not { } binary ? "/bin/sh, which keeps no pause limit: install cmadvise beside the program or in /usr/bin"
        : GuardSurroundings.CouldLeave() ? binary
        : $"{binary}, which cannot leave the caller's cgroup: no pause limit is kept while that is frozen or throttled";

    private static string WhoSeesIt(string root) => JournalPlace.ReachOf(root) switch
    {
        JournalReach.Private => ", which ends with this mount namespace: a restarted container finds nothing to recover; mount the host's there",
        JournalReach.Unknown => "; whether a recovery outside this mount namespace finds them cannot be seen",
        _ => string.Empty,
    };

    private static (FeatureState State, string Detail) LookForGroup()
    {
        Errno errno = CgroupV2.ReadMounts(out IReadOnlyList<CgroupMount> mounts);
        if (!errno.Ok || mounts.Count == 0)
        {
            return errno.Ok ? (FeatureState.Missing, "no cgroup v2 hierarchy is mounted") : (FeatureState.Unknown, $"the mounts cannot be read: {errno}");
        }

        BytePath own = default;
        errno = CgroupV2.ReadOwnGroup(out BytePath path);
        if (errno.Ok && CgroupV2.Open(path, out SafeDescriptor group, out own) is { Ok: true })
        {
            group.Dispose();
        }

        // The caller's group, its children, then those at the mount. The root group has no such file, and its leaves come and go.
        foreach (BytePath place in new[] { own, mounts[0].Point })
        {
            BytePath found = FindWritable(place);
            if (!found.IsEmpty)
            {
                return (FeatureState.Available, $"{found}/cgroup.freeze is writable");
            }
        }

        return Kernel.IsWritable(mounts[0].Point.Terminated).Ok
            ? (FeatureState.Available, $"groups can be created below {mounts[0].Point}")
            : (FeatureState.NotPermitted, $"no cgroup.freeze at or below {mounts[0].Point} is writable");
    }

    /// <summary>The directory, or one in it, whose <c>cgroup.freeze</c> the caller may write; empty if there is none.</summary>
    private static BytePath FindWritable(BytePath directory)
    {
        if (directory.IsEmpty || Kernel.IsWritable(directory.With("/cgroup.freeze\0"u8)).Ok)
        {
            return directory;
        }

        byte[] buffer = new byte[4096];
        Errno errno = Kernel.OpenDirectory(directory.Terminated, out SafeDescriptor listing);
        using (listing)
        {
            int bytes = 0;
            while (errno.Ok && (errno = Kernel.ReadDirectory(listing, buffer, out bytes)).Ok && bytes > 0)
            {
                DirectoryNames names = new(buffer.AsSpan(0, bytes));
                while (names.TryTake(out ReadOnlySpan<byte> name))
                {
                    BytePath child = new([.. directory.Bytes, (byte)'/', .. name[..^1]]);
                    if (names.IsDirectory && name[0] != '.' && Kernel.IsWritable(child.With("/cgroup.freeze\0"u8)).Ok)
                    {
                        return child;
                    }
                }
            }
        }

        return default;
    }

    private static bool IsWritable(string path) => Kernel.IsWritable(Encoding.UTF8.GetBytes(path)).Ok;
}
