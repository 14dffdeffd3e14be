using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds the processes that share a target's address space without being threads of it (<c>CLONE_VM</c>, <c>vfork(2)</c>), by kcmp(2).</summary>
/// <remarks>
/// The first search compares every process; later ones only pids allocated since, so that a search in the frozen window is short. Sees
/// only processes of the caller's pid namespace that the caller may trace (<c>PTRACE_MODE_READ_REALCREDS</c>). For one thread at a time; allocates
/// only to grow past its largest result. Measured among 1,000 processes: 5 ms for all, 2 us if none was created since.
/// </remarks>
[RunsFrozen]
internal sealed class SharerSearch(ProcessTarget target)
{
    /// <summary>Past this many newly allocated pids, a full scan of /proc is cheaper, and exact.</summary>
    private const int MaxNewNumbers = 512;

    /// <summary>Pids cannot wrap within 100 ms: the smallest pid_max is 32,768.</summary>
    private static readonly long TrustedTicks = Stopwatch.Frequency / 10;

    private static readonly Errno Possible = Kernel.CompareAddressSpaces(Environment.ProcessId, Environment.ProcessId, out _);

    private readonly DirectoryNumbers _processes = new(256);
    private readonly DirectoryNumbers _threads = new(16);
    private int[] _found = new int[16];
    private int _count;
    private int _lastPid;
    private long _since;
    private bool _isThorough;

    /// <summary>Whether sharers can be detected: <c>ENOSYS</c> without CONFIG_KCMP, <c>EPERM</c> under a seccomp filter.</summary>
    public static Errno Availability => Possible;

    /// <summary>The sharers that the last search found.</summary>
    public ReadOnlySpan<int> Found => _found.AsSpan(0, _count);

    /// <summary>Records that no sharer existed when this pid was last allocated (<see cref="LastPid"/>).</summary>
    public void AssumeNone(int lastPid)
    {
        _count = 0;
        _lastPid = lastPid;
        _since = Stopwatch.GetTimestamp();
        _isThorough = true;
    }

    /// <summary>Searches the processes created since the last search, or all if that does not suffice.</summary>
    /// <param name="isThorough">
    /// Whether to compare the threads of each process whose leader has exited; finding those makes a full search several times slower.
    /// </param>
    /// <returns>An error on the caller's side that kept a process from being compared: the result is incomplete then, and the next search is a full one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Run(bool isThorough = false)
    {
        long now = Stopwatch.GetTimestamp();
        int lastPid = LastPid.Read();
        int newNumbers = lastPid - _lastPid;
        bool mustAskAll = lastPid == 0 || _lastPid == 0 || newNumbers is < 0 or > MaxNewNumbers || now - _since > TrustedTicks || (isThorough && !_isThorough);
        Errno errno = mustAskAll ? AskAll(isThorough) : AskAgain();
        _isThorough = mustAskAll ? isThorough : _isThorough;
        for (int number = _lastPid + 1; errno.Ok && !mustAskAll && number <= lastPid; number++)
        {
            errno = Ask(number);
        }

        _lastPid = errno.Ok ? lastPid : 0;
        _since = now;
        return errno;
    }

    /// <summary>Returns whether a process runs in the target's address space, if only by threads that outlived its thread-group leader.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno IsSharer(int pid, out bool isSharer)
    {
        Errno errno = IsSharing(pid, out isSharer);
        return errno.Ok && !isSharer ? HasSharingThread(pid, out isSharer) : errno;
    }

    /// <summary>Returns whether a thread runs in the target's address space.</summary>
    /// <remarks>
    /// <c>ESRCH</c> means no such thread; <c>EPERM</c>, one that the caller may not trace, which no search sees. A thread that kcmp(2) finds but
    /// <c>/proc</c> lacks has exited since, or is hidden: a second kcmp(2) decides.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno IsSharing(int tid, out bool isSharing)
    {
        isSharing = false;
        Errno errno = Kernel.CompareAddressSpaces(target.Pid, tid, out bool isSame);
        if (!errno.Ok || !isSame)
        {
            // A seccomp filter refuses a comparison with ourselves too; the kernel never does.
            bool isAnswer = errno == Errno.ESRCH || (errno == Errno.EPERM && Kernel.CompareAddressSpaces(Environment.ProcessId, Environment.ProcessId, out _).Ok);
            return isAnswer ? Errno.None : errno;
        }

        // Tasks without an address space are equal too: a target that has exited, kernel threads, zombies, and exiting threads.
        errno = ProcFile.ReadStat(tid, out ProcStat stat);
        if (!errno.Ok)
        {
            bool isHidden = Kernel.CompareAddressSpaces(target.Pid, tid, out isSame).Ok && isSame && !target.HasExited;
            return isHidden ? errno : Errno.None;
        }

        if (stat.IsKernelThread || stat.IsZombie || stat.IsExiting)
        {
            return Errno.None;
        }

        errno = target.Directory.ReadStat(out ProcStat own);
        isSharing = errno.Ok && !own.IsZombie && !own.IsExiting;
        return errno.Ok || target.HasExited ? Errno.None : errno;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno AskAll(bool isThorough)
    {
        _count = 0;
        Errno errno = _processes.Read("/proc\0"u8);
        ReadOnlySpan<int> pids = _processes.Numbers;
        for (int i = 0; errno.Ok && i < pids.Length; i++)
        {
            bool isSharer = false;
            errno = pids[i] == target.Pid ? Errno.None
                : isThorough ? IsSharer(pids[i], out isSharer)
                : IsSharing(pids[i], out isSharer);
            AddIf(isSharer, pids[i]);
        }

        return errno;
    }

    /// <remarks>If the thread-group leader has exited, only the other threads still have the address space; otherwise all threads share the leader's.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno HasSharingThread(int pid, out bool hasSharingThread)
    {
        hasSharingThread = false;
        Errno errno = ProcFile.CountThreads(pid, out int threads);
        ProcStat leader = default;
        errno = errno.Ok && threads > 1 ? ProcFile.ReadStat(pid, out leader) : errno;
        if (!errno.Ok || !leader.IsZombie)
        {
            return WithoutGone(errno);
        }

        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        errno = _threads.Read(ProcFile.Path(path, pid, "/task\0"u8));
        ReadOnlySpan<int> tids = _threads.Numbers;
        for (int i = 0; errno.Ok && !hasSharingThread && i < tids.Length; i++)
        {
            errno = IsSharing(tids[i], out hasSharingThread);
        }

        return WithoutGone(errno);
    }

    /// <summary>Drops those that have exited or exec'd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno AskAgain()
    {
        int count = _count;
        _count = 0;
        Errno errno = Errno.None;
        for (int i = 0; errno.Ok && i < count; i++)
        {
            int pid = _found[i];
            errno = IsSharer(pid, out bool isSharer);
            AddIf(isSharer, pid);
        }

        return errno;
    }

    /// <summary>Compares a pid that may be a process, a thread of any process (the target's too), or nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno Ask(int number)
    {
        Errno errno = IsSharing(number, out bool isSharing);
        if (!errno.Ok || !isSharing || Kernel.ThreadKill(target.Pid, number, 0) != Errno.ESRCH)
        {
            return errno;
        }

        errno = ProcFile.ReadProcess(number, out int process);
        AddIf(process != 0 && process != target.Pid && !Found.Contains(process), process);
        return WithoutGone(errno);
    }

    /// <summary><c>ENOENT</c> means that it was reaped: the search has just seen it in <c>/proc</c>, so nothing hides it.</summary>
    private static Errno WithoutGone(Errno errno) => errno == Errno.ENOENT || errno == Errno.ESRCH ? Errno.None : errno;

    private void AddIf(bool isSharer, int pid)
    {
        if (isSharer)
        {
            Add(pid);
        }
    }

    private void Add(int pid)
    {
        if (_count == _found.Length)
        {
            Array.Resize(ref _found, _count * 2);
        }

        _found[_count++] = pid;
    }
}
