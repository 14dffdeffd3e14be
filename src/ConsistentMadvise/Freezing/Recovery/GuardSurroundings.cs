using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Detaches a guard from its surroundings, so that what stops or starves its owner does not affect it.</summary>
/// <remarks>Everything is done as far as the guard's rights permit; it also guards without.</remarks>
internal static class GuardSurroundings
{
    /// <summary>Signals that end or stop a process unless handled, except SIGKILL and SIGSTOP, which cannot be handled. .NET names some of them, and accepts the numbers of all.</summary>
    private static readonly PosixSignal[] Ignored =
    [
        PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM,
        (PosixSignal)Uapi.SIGTSTP, (PosixSignal)Uapi.SIGTTIN, (PosixSignal)Uapi.SIGTTOU, (PosixSignal)Uapi.SIGUSR1, (PosixSignal)Uapi.SIGUSR2, (PosixSignal)Uapi.SIGALRM, (PosixSignal)Uapi.SIGXCPU, (PosixSignal)Uapi.SIGXFSZ,
    ];

    /// <summary>Handles them by doing nothing, until the registrations are disposed.</summary>
    public static PosixSignalRegistration[] IgnoreSignals() =>
        [.. Ignored.Select(static signal => PosixSignalRegistration.Create(signal, static context => context.Cancel = true))];

    /// <summary>Does the same for a helper, which works in its host's place: it keeps the host's OOM score and scheduling, and leaves the host's cgroups.</summary>
    public static void SettleHelper()
    {
        ChildProcess.CloseInherited();
        Kernel.SetTimerSlack(1);
        LeaveCgroups();
    }

    public static void Settle()
    {
        ChildProcess.CloseInherited(); // including files that another thread of the owner opened during the start
        WriteTo("/proc/self/oom_score_adj\0"u8, "-1000"u8);
        Kernel.SetTimerSlack(1);

        // Beyond this limit, writing even one byte into an existing file fails.
        if (Kernel.ReadLimit(Uapi.RLIMIT_FSIZE, out _, out ulong hard).Ok)
        {
            Kernel.SetLimit(Uapi.RLIMIT_FSIZE, hard, hard);
        }

        // In this order: in a cgroup v1 group without real-time bandwidth the policy is refused.
        LeaveCgroups();
        Kernel.SetScheduling(new sched_attr { sched_policy = Uapi.SCHED_RR, sched_priority = 1 });
    }

    /// <summary>Moves to the root of the cgroup v2 hierarchy, and of the cgroup v1 hierarchies that freeze or throttle.</summary>
    private static void LeaveCgroups()
    {
        byte[] pid = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        if (CgroupV2.ReadMountInfo(out byte[] text).Ok)
        {
            foreach (CgroupMount mount in (CgroupMount[])[.. CgroupMount.Parse(text), .. CgroupMount.ParseLegacy(text)])
            {
                WriteTo(mount.Point.With("/cgroup.procs\0"u8), pid);
            }
        }
    }

    /// <summary>Whether the calling process is in no group that can be frozen or throttled. The root of a cgroup namespace is an ordinary group to processes outside it.</summary>
    private static bool IsInRoots() =>
        CgroupV2.ShowsAll() && WholeFile.Read("/proc/self/cgroup\0"u8, 1 << 16, out byte[] groups).Ok && AreRoots(Encoding.UTF8.GetString(groups));

    /// <summary>Whether a guard of the calling process would be in no such group, as far as that can be determined without a guard.</summary>
    public static bool CouldLeave()
    {
        if (IsInRoots())
        {
            return true;
        }

        return CgroupV2.ShowsAll() && CgroupV2.ReadMountInfo(out byte[] text).Ok
            && ((CgroupMount[])[.. CgroupMount.Parse(text), .. CgroupMount.ParseLegacy(text)])
                .All(static mount => mount.Root.Bytes.SequenceEqual("/"u8) && Kernel.IsWritable(mount.Point.With("/cgroup.procs\0"u8)).Ok);
    }

    private static bool AreRoots(string groups) => groups.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(static line =>
        line.Split(':', 3) is not [_, var controllers, var path] || path == "/"
        || !(controllers.Length == 0 || controllers.Split(',').Any(static controller => controller is "cpu" or "freezer")));

    private static void WriteTo(ReadOnlySpan<byte> path, ReadOnlySpan<byte> text)
    {
        Errno errno = Kernel.Open(path, Uapi.O_WRONLY, out SafeDescriptor file);
        using (file)
        {
            if (errno.Ok)
            {
                Kernel.Write(file, text, out _);
            }
        }
    }
}
