using Tmds.Linux;

namespace ConsistentMadvise.Interop;

internal static unsafe partial class Kernel
{
    /// <summary><c>pidfd_open(2)</c> - a descriptor that keeps meaning this process after its pid is reused (Linux 5.3).</summary>
    public static Errno PidfdOpen(int pid, out int pidfd)
    {
        pidfd = (int)(long)LibC.syscall(SyscallNumber.pidfd_open, pid, 0);
        return Errno.From(pidfd);
    }

    /// <summary><c>pidfd_send_signal(2)</c> - signals the process that the descriptor means, whatever its pid means now.</summary>
    public static Errno PidfdSendSignal(int pidfd, int signal) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.pidfd_send_signal, pidfd, signal, 0, 0));

    /// <summary><c>tgkill(2)</c> - signals one thread of a thread group.</summary>
    public static Errno ThreadKill(int pid, int tid, int signal) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.tgkill, pid, tid, signal));

    /// <summary><c>gettid(2)</c> - the calling thread.</summary>
    public static int ThreadId() => (int)(long)LibC.syscall(SyscallNumber.gettid);

    /// <summary><c>geteuid(2)</c> - the user by whose rights the caller acts.</summary>
    public static uint EffectiveUser() => (uint)LibC.geteuid();

    /// <summary><c>kcmp(2)</c> with <c>KCMP_VM</c> - whether two threads are in one address space; two that have none are too (CONFIG_KCMP).</summary>
    public static Errno CompareAddressSpaces(int tid, int other, out bool isSame)
    {
        int order = (int)(long)LibC.syscall(SyscallNumber.kcmp, tid, other, Uapi.KCMP_VM, 0, 0);
        isSame = order == 0;
        return Errno.From(order);
    }

    /// <summary><c>poll(2)</c> with no wait - whether a descriptor is readable; a pidfd is once its process has ended.</summary>
    public static Errno IsReadable(int descriptor, out bool readable)
    {
        pollfd entry = new() { fd = descriptor, events = Uapi.POLLIN };
        int result = LibC.poll(&entry, 1, 0);
        readable = result > 0;
        return Errno.From(result);
    }

    /// <summary><c>process_madvise(2)</c> - advice about ranges of another process; <paramref name="advised"/> counts whole ranges only.</summary>
    public static Errno ProcessMadvise(int pidfd, ReadOnlySpan<iovec> ranges, int advice, out long advised)
    {
        fixed (iovec* vector = ranges)
        {
            advised = (long)(nint)LibC.syscall(SyscallNumber.process_madvise, pidfd, vector, ranges.Length, advice, 0);
        }

        return advised < 0 ? Errno.Last : Errno.None;
    }

    /// <summary><c>ptrace(2)</c> - one request to one thread; all requests of a tracee come from the thread that seized it.</summary>
    public static Errno Ptrace(int request, int tid, int data) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.ptrace, request, tid, 0, data));

    /// <summary>
    /// <c>process_vm_readv(2)</c> of a byte that is not there - asks what ptrace(2) would ask (<c>PTRACE_MODE_ATTACH_REALCREDS</c>), and touches nothing:
    /// <c>EPERM</c> when the caller may not trace the process.
    /// </summary>
    public static Errno AskToTrace(int pid)
    {
        byte nothing = 0;
        iovec local = new() { iov_base = &nothing, iov_len = 1 };
        iovec remote = new() { iov_base = null, iov_len = 1 };
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.process_vm_readv, pid, &local, 1, &remote, 1, 0));
    }

    /// <summary><c>wait4(2)</c> with <c>__WALL | WNOHANG</c> - a state change of one tracee; <paramref name="waited"/> is 0 when there is none yet.</summary>
    public static Errno WaitTracee(int tid, out int waited, out int status)
    {
        int value = 0;
        waited = (int)(long)LibC.syscall(SyscallNumber.wait4, tid, &value, Uapi.__WALL | Uapi.WNOHANG, 0);
        status = value;
        return Errno.From(waited);
    }

    /// <summary><c>rt_sigprocmask(2)</c> - signals that the calling thread takes no more; bit N - 1 stands for signal N.</summary>
    public static Errno BlockSignals(ulong signals) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.rt_sigprocmask, Uapi.SIG_BLOCK, &signals, 0, sizeof(ulong)));

    /// <summary><c>sched_yield(2)</c> - lets another runnable thread of this processor run.</summary>
    public static Errno Yield() => Errno.From(LibC.sched_yield());

    /// <summary><c>sched_getattr(2)</c> - how the scheduler treats the calling thread.</summary>
    public static Errno GetScheduling(out sched_attr attributes)
    {
        sched_attr value = default;
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.sched_getattr, 0, &value, sizeof(sched_attr), 0));
        attributes = value;
        return errno;
    }

    /// <summary><c>sched_setattr(2)</c> - changes how the scheduler treats the calling thread.</summary>
    public static Errno SetScheduling(in sched_attr attributes)
    {
        sched_attr value = attributes;
        value.size = (uint)sizeof(sched_attr);
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.sched_setattr, 0, &value, 0));
    }

    /// <summary><c>clock_nanosleep(2)</c> - sleeps at least this long on the monotonic clock.</summary>
    public static Errno Sleep(long nanoseconds)
    {
        (long Seconds, long Nanoseconds) time = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.clock_nanosleep, Uapi.CLOCK_MONOTONIC, 0, &time, 0));
    }
}
