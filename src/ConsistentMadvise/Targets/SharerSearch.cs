using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds the processes that share a target's address space without being threads of it (<c>CLONE_VM</c>, <c>vfork(2)</c>), by kcmp(2).</summary>
/// <remarks>
/// Every process is asked about once; after that only the numbers that were given out since, so that a search in the frozen window is short. Knows
/// only processes of the caller's pid namespace that the caller may trace (<c>PTRACE_MODE_READ_REALCREDS</c>). For one thread at a time; allocates
/// nothing but room for more than ever before. Measured among 1,000 processes: 5 ms for all, 2 us when nobody came since.
/// </remarks>
internal sealed class SharerSearch(ProcessTarget target)
{
    /// <summary>Of more new numbers than this, the list of processes is shorter, and sure.</summary>
    private const int MaxNewNumbers = 512;

    /// <summary>100 ms between two looks at the numbers: nobody forks 32,768 times in it, which is the least that brings the same numbers round again.</summary>
    private static readonly long TrustedTicks = Stopwatch.Frequency / 10;

    private static readonly Errno Possible = Kernel.CompareAddressSpaces(Environment.ProcessId, Environment.ProcessId, out _);

    private readonly DirectoryNumbers _processes = new(256);
    private readonly DirectoryNumbers _threads = new(16);
    private int[] _found = new int[16];
    private int _count;
    private int _lastPid;
    private long _since;
    private bool _isThorough;

    /// <summary>Whether sharers can be looked for: <c>ENOSYS</c> without CONFIG_KCMP, <c>EPERM</c> by a filter of system calls.</summary>
    public static Errno Availability => Possible;

    /// <summary>The sharers that the last search found.</summary>
    public ReadOnlySpan<int> Found => _found.AsSpan(0, _count);

    /// <summary>Somebody else knows that there was no sharer once this number had been given out (<see cref="LastPid"/>).</summary>
    public void AssumeNone(int lastPid)
    {
        _count = 0;
        _lastPid = lastPid;
        _since = Stopwatch.GetTimestamp();
        _isThorough = true;
    }

    /// <summary>Searches: those who came since the last search, or everybody where that does not suffice.</summary>
    /// <param name="isThorough">
    /// Whether everybody's threads are asked about too where the main thread has ended; to find out which have makes asking everybody several times dearer.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(bool isThorough = false)
    {
        long now = Stopwatch.GetTimestamp();
        int lastPid = LastPid.Read();
        int newNumbers = lastPid - _lastPid;
        if (_lastPid == 0 || newNumbers is < 0 or > MaxNewNumbers || now - _since > TrustedTicks || (isThorough && !_isThorough))
        {
            AskEverybody(isThorough);
            _isThorough = isThorough;
        }
        else
        {
            AskAgain();
            for (int number = _lastPid + 1; number <= lastPid; number++)
            {
                Ask(number);
            }
        }

        _lastPid = lastPid;
        _since = now;
    }

    /// <summary>Whether a process runs in the target's address space, be it by threads that have outlived its main thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool IsSharer(int pid) => IsSharing(pid) || HasSharingThread(pid);

    /// <summary>Whether a thread runs in the target's address space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsSharing(int tid) =>
        Kernel.CompareAddressSpaces(target.Pid, tid, out bool isSame).Ok && isSame

        // Those who have no address space are equal too: a target that has ended, kernel threads, zombies, and whoever is ending.
        && ProcFile.ReadStat(tid, out ProcStat stat).Ok && !stat.IsKernelThread && !stat.IsZombie && !stat.IsExiting
        && target.Directory.ReadStat(out ProcStat own).Ok && !own.IsZombie && !own.IsExiting;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AskEverybody(bool isThorough)
    {
        _count = 0;
        _processes.Read("/proc\0"u8);
        foreach (int pid in _processes.Numbers)
        {
            if (pid != target.Pid && (isThorough ? IsSharer(pid) : IsSharing(pid)))
            {
                Add(pid);
            }
        }
    }

    /// <remarks>Of a process whose main thread has ended, the others have the address space; otherwise all threads have the main thread's.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool HasSharingThread(int pid)
    {
        if (ProcFile.CountThreads(pid) < 2 || !ProcFile.ReadStat(pid, out ProcStat main).Ok || !main.IsZombie)
        {
            return false;
        }

        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        _threads.Read(ProcFile.Path(path, pid, "/task\0"u8));
        foreach (int tid in _threads.Numbers)
        {
            if (IsSharing(tid))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Drops those who have ended or executed another program.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AskAgain()
    {
        int count = _count;
        _count = 0;
        for (int i = 0; i < count; i++)
        {
            int pid = _found[i];
            if (IsSharer(pid))
            {
                Add(pid);
            }
        }
    }

    /// <summary>Asks about a number that may be a process, a thread of any process, the target's own among them, or nobody.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Ask(int number)
    {
        if (!IsSharing(number) || Kernel.ThreadKill(target.Pid, number, 0) != Errno.ESRCH)
        {
            return;
        }

        int process = ProcFile.ReadProcess(number);
        if (process != 0 && process != target.Pid && !Found.Contains(process))
        {
            Add(process);
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
