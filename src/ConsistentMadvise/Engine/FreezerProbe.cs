using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks which ways of freezing are open to the caller, without freezing anything.</summary>
internal static class FreezerProbe
{
    private const string YamaFile = "/proc/sys/kernel/yama/ptrace_scope";

    public static Feature Ptrace(CallerRights rights)
    {
        // No thread has the number 0. A security filter answers before anyone looks for it.
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_SEIZE, 0, 0);
        string scope = File.Exists(YamaFile) ? File.ReadAllText(YamaFile).TrimEnd() : "0";
        (FeatureState state, string detail) = errno switch
        {
            _ when errno == Errno.ENOSYS => (FeatureState.Missing, "the kernel has no ptrace(2)"),
            _ when errno != Errno.ESRCH => (FeatureState.NotPermitted, $"ptrace(2) is refused altogether: {errno}"),
            _ when scope == "3" => (FeatureState.NotPermitted, "kernel.yama.ptrace_scope is 3: nobody may trace"),
            _ when rights.MayTrace => (FeatureState.Available, "any process (CAP_SYS_PTRACE)"),
            _ when scope == "0" => (FeatureState.Available, "processes of the same user that are dumpable"),
            _ => (FeatureState.NotPermitted, $"kernel.yama.ptrace_scope is {scope}; run with CAP_SYS_PTRACE"),
        };
        return new Feature("freezer ptrace", "3.4", state, detail, "no freezer is left that the kernel undoes by itself when the caller dies");
    }

    public static Feature Signal(CallerRights rights)
    {
        // Signal 0 is not sent: it asks whether it could be.
        Errno errno = Kernel.PidfdOpen(Environment.ProcessId, out int pidfd);
        if (errno.Ok)
        {
            errno = Kernel.PidfdSendSignal(pidfd, 0);
            Kernel.Close(pidfd);
        }

        FeatureState state = errno.Ok ? FeatureState.Available : errno == Errno.ENOSYS ? FeatureState.Missing : FeatureState.NotPermitted;
        string detail = !errno.Ok ? $"pidfd_send_signal(2): {errno}" : rights.MaySignal ? "any process (CAP_KILL)" : "processes of the same user";
        return new Feature("freezer signal", "5.1", state, detail, "children of the caller can be frozen by their cgroup only");
    }

    public static Feature Cgroup()
    {
        (FeatureState state, string detail) = LookForGroup();
        return new Feature("freezer cgroup", "5.2", state, detail, "a target cannot be frozen by its cgroup; ptrace and signals remain");
    }

    /// <summary>Whether somebody can be had who thaws in the caller's place. Nobody is started.</summary>
    public static Feature Guard()
    {
        string? root = JournalRoots.OfCaller.FirstOrDefault(static path => IsWritable(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!));
        (FeatureState state, string detail) = FreezeGuard.WhyNot() is { } missing ? (FeatureState.Missing, missing)
            : root is null ? (FeatureState.NotPermitted, $"none of {string.Join(", ", JournalRoots.OfCaller)} can be written")
            : (FeatureState.Available, $"journals are kept in {root}");
        return new Feature("freeze guard", "any", state, detail, "freezing by cgroup or signals is refused, unless allowed unguarded by name");
    }

    private static (FeatureState State, string Detail) LookForGroup()
    {
        if (CgroupV2.Mount is not { } mount)
        {
            return (FeatureState.Missing, "no cgroup v2 hierarchy is mounted");
        }

        string own = mount + CgroupV2.PathIn(File.ReadAllBytes("/proc/self/cgroup"))?.TrimEnd('/');
        string[] groups = [own, .. Directory.Exists(own) ? Directory.GetDirectories(own) : [], .. Directory.GetDirectories(mount)];
        foreach (string group in groups)
        {
            if (IsWritable($"{group}/cgroup.freeze"))
            {
                return (FeatureState.Available, $"{group}/cgroup.freeze can be written");
            }
        }

        // The root group has no such file, and its leaves come and go.
        return IsWritable(mount)
            ? (FeatureState.Available, $"groups can be made below {mount}")
            : (FeatureState.NotPermitted, $"no cgroup.freeze at {mount} and the groups below it can be written");
    }

    private static bool IsWritable(string path) => Kernel.IsWritable(Encoding.UTF8.GetBytes($"{path}\0")).Ok;
}
