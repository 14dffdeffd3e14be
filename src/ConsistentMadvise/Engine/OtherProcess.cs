using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A process that is not the caller, to ask the kernel about: the parent, or process 1 where the parent may not be accessed.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly SafeDescriptor _pidfd;

    private OtherProcess(int pid, int pidfd)
    {
        Pid = pid;
        _pidfd = new SafeDescriptor(pidfd);
    }

    public int Pid { get; }

    public int Pidfd => _pidfd.Value;

    /// <summary>Finds one; null when there is none, as in a container whose only process is the caller.</summary>
    public static OtherProcess? Find()
    {
        OtherProcess? parent = Open(ParentPid());
        if (parent is not null && parent.IsAccessible)
        {
            return parent;
        }

        OtherProcess? first = Open(1);
        if (first is not null && (parent is null || first.IsAccessible))
        {
            parent?.Dispose();
            return first;
        }

        first?.Dispose();
        return parent;
    }

    /// <summary>Asks whether the kernel would take an advice for this process from this caller.</summary>
    public Errno Ask(Advice advice) => Kernel.ProcessMadvise(Pidfd, [], advice.Value, out _);

    public void Dispose() => _pidfd.Dispose();

    // EACCES and ESRCH (a zombie, a process of another namespace) come before the kernel looks at the advice.
    private bool IsAccessible => Ask(Advice.Cold) is Errno errno && errno != Errno.EACCES && errno != Errno.ESRCH;

    private static OtherProcess? Open(int pid) =>
        pid > 0 && pid != Environment.ProcessId && Kernel.PidfdOpen(pid, out int pidfd).Ok ? new OtherProcess(pid, pidfd) : null;

    private static int ParentPid() =>
        ProcStat.TryParse(File.ReadAllBytes("/proc/self/stat"), out ProcStat stat) ? stat.ParentPid : 0;
}
