using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A child in a copy of the target's memory, which dies with the thread that made it.</summary>
/// <remarks>Alone in a copy of a process that had more threads, it makes nothing but system calls whose binding was resolved before the fork.</remarks>
internal static unsafe class ForkedChild
{
    private const int PR_SET_PDEATHSIG = 1;   // linux/prctl.h

    // linux/ptrace.h
    private const int PTRACE_CONT = 7;
    private const int PTRACE_SEIZE = 0x4206;
    private const int PTRACE_LISTEN = 0x4208;
    private const int PTRACE_EVENT_STOP = 128;
    private const int Wall = 0x40000000;   // __WALL: threads too

    /// <summary>Forks; the child sleeps, or seizes the thread-group leader of its parent and continues it. Returns when it has, or the errno of what failed.</summary>
    public static int Start(bool traces, out int pid)
    {
        pid = 0;
        if (Native.Pipe(LibC.O_CLOEXEC, out int settled, out int settle) is int refused and not 0)
        {
            return refused;
        }

        int parent = Environment.ProcessId;
        long child = Native.Call(SyscallNumber.Clone, (ulong)LibC.SIGCHLD);
        int errno = Native.From(child);
        if (child == 0)
        {
            Live(parent, settle, traces);
        }

        _ = Native.Close(settle);
        Span<byte> mark = stackalloc byte[1];
        int count = 0;
        if (errno == 0)
        {
            errno = Native.Read(settled, mark, out count);
        }

        _ = Native.Close(settled);
        pid = (int)child;
        return errno != 0 ? errno : count == 0 ? LibC.ECHILD : mark[0];
    }

    /// <summary>Waits until a child is gone: since SIGCHLD is ignored, <c>wait4(2)</c> never answers with one, but with ECHILD once it has exited.</summary>
    public static void AwaitEnd(int pid)
    {
        while (Native.Call(SyscallNumber.Wait4, (ulong)pid) >= 0 || LibC.errno == LibC.EINTR)
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Live(int parent, int settle, bool traces)
    {
        _ = Native.Call(SyscallNumber.Prctl, PR_SET_PDEATHSIG, (ulong)LibC.SIGKILL);
        if (Native.Call(SyscallNumber.Getppid) != parent)
        {
            _ = Native.Call(SyscallNumber.ExitGroup);
        }

        // Otherwise the test would not see the end of its target's output.
        _ = Native.Call(SyscallNumber.Close, 0);
        _ = Native.Call(SyscallNumber.Close, 1);
        _ = Native.Call(SyscallNumber.Close, 2);
        bool seized = traces && Native.Call(SyscallNumber.Ptrace, PTRACE_SEIZE, (ulong)parent) == 0;
        byte mark = (byte)(traces && !seized ? LibC.errno : 0);
        _ = Native.Call(SyscallNumber.Write, (ulong)settle, (ulong)&mark, 1);
        while (true)
        {
            if (!seized || !PassOn())
            {
                _ = Native.Call(SyscallNumber.Ppoll);
            }
        }
    }

    /// <summary>Waits for a stop of the tracee and lets it go on as if it was not traced; false when there is no tracee any more.</summary>
    private static bool PassOn()
    {
        int status = 0;
        long tid = Native.Call(SyscallNumber.Wait4, ulong.MaxValue, (ulong)&status, Wall);
        if (tid < 0)
        {
            return LibC.errno == LibC.EINTR;
        }

        // ptrace(2): a group stop is listened to, a trap is left without a signal, and any other stop delivers the signal it is about.
        int signal = (status >> 8) & 0xFF;
        bool isEvent = status >> 16 == PTRACE_EVENT_STOP;
        bool isGroupStop = isEvent && signal != LibC.SIGTRAP;
        _ = Native.Call(SyscallNumber.Ptrace, (ulong)(isGroupStop ? PTRACE_LISTEN : PTRACE_CONT), (ulong)tid, 0, isEvent ? 0 : (ulong)signal);
        return true;
    }
}
