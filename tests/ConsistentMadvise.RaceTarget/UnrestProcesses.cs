using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>What <see cref="Unrest"/> does beyond its own memory: threads, children, sharers, names, signals, and the kernel's workers.</summary>
/// <remarks>Where the machine lacks something (an x86-64, io_uring) the same change is made by the thread itself, so that the order stays the same.</remarks>
internal sealed unsafe class UnrestProcesses(UnrestArena arena, UnrestOrder order)
{
    private const int Handler = 1;
    private const int ECANCELED = 125;   // the freeze of a cgroup cancels what a ring has queued
    private const int Pages = 3;
    private const ulong Length = Pages * Native.PageSize;

    private static readonly int ReadWrite = LibC.PROT_READ | LibC.PROT_WRITE;
    private static readonly int Fixed = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED;

    // Each of the fields after a name in /proc/PID/stat could begin inside of it.
    private static readonly byte[][] Names = [.. ((string[])["a) R 1 (b", ") S 1 1 1 1", "((((", "))))", "a\nb) Z 0", " ", "\\) (", "race target"]).Select(System.Text.Encoding.ASCII.GetBytes)];

    private readonly byte[] _name = new byte[16];
    private int _nameLength;
    private Uring? _ring;
    private int _grown;

    /// <summary>Installs the handler of SIGUSR2, and makes a ring if the machine has rings.</summary>
    public int Begin()
    {
        _ring = Uring.Open(out Uring ring) == 0 ? ring : null;
        int errno = AccessName(LibC.O_RDONLY, out int file);
        errno = errno != 0 ? errno : Native.Read(file, _name, out _nameLength);
        errno = errno != 0 ? errno : Native.Close(file);
        return errno != 0 || MachineCode.Errno != 0 ? errno : SignalCommands.Handle(LibC.SIGUSR2, Handler, on: true);
    }

    /// <summary>Puts all that back.</summary>
    public int End()
    {
        int errno = Rename(_name.AsSpan(0, _nameLength));
        errno = errno != 0 || _ring is null ? errno : _ring.Close();
        errno = errno != 0 || _grown == 0 ? errno : Break();
        return errno != 0 || MachineCode.Errno != 0 ? errno : SignalCommands.Handle(LibC.SIGUSR2, Handler, on: false);
    }

    /// <summary>A page or some more of heap, and the next time they are given back, unless the allocator has built on them.</summary>
    public int Break()
    {
        int pages = 1 + order.Number(4);
        int change = _grown == 0 ? pages : -_grown;
        int errno = HeapCommands.Move((long)change * Native.PageSize, out _);
        _grown = errno == 0 ? Math.Max(change, 0) : _grown;
        return errno == LibC.EINVAL ? 0 : errno;
    }

    /// <summary>A thread that ends at once.</summary>
    public static int Thread()
    {
        WorkerThread thread = new(static () => { });
        thread.Start();
        thread.Join();
        return 0;
    }

    /// <summary>A child that exits at once.</summary>
    public int Fork()
    {
        if (MachineCode.Errno != 0)
        {
            return arena.Map();
        }

        MachineCode.Script[0] = ScriptCall.End;
        return Clone(sharesMemory: false);
    }

    /// <summary>A process that shares the memory, maps something into it, and exits.</summary>
    public int Share()
    {
        int errno = arena.Offer(Pages, out ulong address);
        if (errno != 0 || MachineCode.Errno != 0)
        {
            return errno != 0 ? errno : Native.Map(address, Length, ReadWrite, Fixed, -1, out _);
        }

        MachineCode.Script[0] = new ScriptCall(SyscallNumber.Mmap, address, Length, (ulong)ReadWrite, (ulong)Fixed, ulong.MaxValue);
        MachineCode.Script[1] = ScriptCall.End;
        errno = Clone(sharesMemory: true);
        long result = MachineCode.Script[0].Number;
        return errno != 0 ? errno : result == (long)address ? 0 : (int)-result;
    }

    public int Rename() => Rename(Names[order.Number(Names.Length)]);

    /// <summary>A signal to itself, whose handler maps something.</summary>
    public int Signal()
    {
        int errno = arena.Offer(Pages, out ulong address);
        if (errno != 0 || MachineCode.Errno != 0)
        {
            return errno != 0 ? errno : Native.Map(address, Length, ReadWrite, Fixed, -1, out _);
        }

        HandlerContext* context = MachineCode.HandlerData(Handler);
        *context = new HandlerContext { Next = address, Length = Length, Protection = (ulong)ReadWrite, Flags = (ulong)Fixed };

        // To this thread, so that it is handled before the call returns.
        errno = Native.From(Native.Call(SyscallNumber.Tgkill, (ulong)Environment.ProcessId, (ulong)Native.Call(SyscallNumber.Gettid), (ulong)LibC.SIGUSR2));
        return errno != 0 || Volatile.Read(ref context->Mapped) == 1 ? errno : LibC.ENOMEM;
    }

    /// <summary>Advice by a worker of the ring.</summary>
    public int AdviseByRing()
    {
        int errno = arena.Advise(out ulong address, out ulong length, out int advice);
        if (errno != 0 || _ring is null)
        {
            return errno != 0 ? errno : Native.Advise(address, length, advice);
        }

        int result = 0;
        errno = _ring.Submit(address, length, advice, 1);
        errno = errno != 0 ? errno : _ring.Reap(out _, out result);
        return errno != 0 || result == -ECANCELED ? errno : -result;
    }

    private static int Clone(bool sharesMemory)
    {
        long child = MachineCode.Clone(sharesMemory);
        if (child < 0)
        {
            return (int)-child;
        }

        ForkedChild.AwaitEnd((int)child);
        return 0;
    }

    // The thread-group leader's name, whichever thread asks (proc_pid_comm(5)).
    private static int Rename(ReadOnlySpan<byte> name)
    {
        int errno = AccessName(LibC.O_WRONLY, out int file);
        errno = errno != 0 ? errno : Native.Write(file, name, out _);
        return errno != 0 ? errno : Native.Close(file);
    }

    private static int AccessName(int flags, out int file) => Native.Open("/proc/self/comm\0"u8, flags, out file);
}
