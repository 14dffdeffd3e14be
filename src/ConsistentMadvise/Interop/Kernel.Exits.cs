using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>waitid(2)</c> with <c>P_ALL</c> and <c>__WNOTHREAD | WNOWAIT</c> - finds a child or tracee of this thread that has exited, and leaves it waitable; <paramref name="tid"/> is 0 if none has.</summary>
    /// <param name="tid">The one that has exited.</param>
    /// <param name="isKilled">Whether a signal killed it.</param>
    public static Errno FindExited(out int tid, out bool isKilled) =>
        WaitExited(Uapi.P_ALL, 0, Uapi.WNOWAIT | Uapi.__WNOTHREAD, out tid, out isKilled);

    /// <summary>The same for one tracee.</summary>
    public static Errno HasExited(int tracee, out bool hasExited, out bool isKilled)
    {
        Errno errno = WaitExited(Uapi.P_PID, tracee, Uapi.WNOWAIT | Uapi.__WNOTHREAD, out int tid, out isKilled);
        hasExited = tid != 0;
        return errno;
    }

    /// <summary><c>waitid(2)</c> - reaps a child, or a tracee of any thread of this process, if it has exited; a stop is left to its tracer.</summary>
    public static Errno ReapExited(int pid, out bool hasExited)
    {
        Errno errno = WaitExited(Uapi.P_PID, pid, Uapi.WNOWAIT, out int tid, out _);
        hasExited = tid != 0;
        return errno.Ok && hasExited ? WaitExited(Uapi.P_PID, pid, 0, out _, out _) : errno;
    }

    /// <summary><c>waitid(2)</c> with <c>P_PIDFD</c> - reaps a child if it has exited.</summary>
    public static Errno ReapChild(SafeDescriptor pidfd, out bool isReaped)
    {
        using SafeDescriptor.Use use = pidfd.Borrow();
        Errno errno = WaitExited(Uapi.P_PIDFD, use.Number, 0, out int pid, out _);
        isReaped = pid != 0;
        return errno;
    }

    /// <remarks>A stopped tracee is reported regardless of the options (<c>wait_consider_task</c> in <c>kernel/exit.c</c>), and without <c>WNOWAIT</c> its stop is consumed.</remarks>
    private static Errno WaitExited(int kind, int id, int options, out int tid, out bool isKilled)
    {
        int* info = stackalloc int[32]; // siginfo_t is 128 bytes: si_code third, si_pid fifth
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.waitid, kind, id, info, Uapi.WEXITED | Uapi.WNOHANG | Uapi.__WALL | options, 0));
        isKilled = errno.Ok && info[2] is Uapi.CLD_KILLED or Uapi.CLD_DUMPED;
        tid = isKilled || (errno.Ok && info[2] == Uapi.CLD_EXITED) ? info[4] : 0;
        return errno;
    }
}
