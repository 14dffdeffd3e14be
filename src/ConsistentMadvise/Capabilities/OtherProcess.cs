using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A process other than the caller to probe: the parent, or pid 1 if the parent may not be accessed.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly SafeDescriptor _pidfd;

    private OtherProcess(int pid, SafeDescriptor pidfd)
    {
        Pid = pid;
        _pidfd = pidfd;
    }

    public int Pid { get; }

    public SafeDescriptor Pidfd => _pidfd;

    /// <summary>Finds one; null if the caller is the only process, as in a container.</summary>
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

    /// <summary>Returns whether the kernel would accept an advice for this process from this caller.</summary>
    public Errno Ask(Advice advice) => Kernel.ProcessMadvise(Pidfd, [], advice.Value, out _);

    public void Dispose() => _pidfd.Dispose();

    // EACCES and ESRCH (a zombie, a process of another namespace) come before the kernel looks at the advice.
    private bool IsAccessible => Ask(Advice.Cold) is Errno errno && errno != Errno.EACCES && errno != Errno.ESRCH;

    private static OtherProcess? Open(int pid) =>
        pid > 0 && pid != Environment.ProcessId && Kernel.PidfdOpen(pid, out SafeDescriptor pidfd).Ok ? new OtherProcess(pid, pidfd) : null;

    private static int ParentPid() =>
        ProcFile.ReadStat(Environment.ProcessId, out ProcStat stat).Ok ? stat.ParentPid : 0;
}
