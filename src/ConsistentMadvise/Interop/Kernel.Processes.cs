using Tmds.Linux;

namespace ConsistentMadvise.Interop;

[RunsFrozen]
internal static unsafe partial class Kernel
{
    /// <summary><c>pidfd_open(2)</c> - a descriptor that refers to this process even after its pid is reused (Linux 5.3).</summary>
    public static Errno PidfdOpen(int pid, out SafeDescriptor pidfd)
    {
        int descriptor = (int)(long)LibC.syscall(SyscallNumber.pidfd_open, pid, 0);
        Errno errno = Errno.From(descriptor);
        pidfd = SafeDescriptor.Own(descriptor);
        return errno;
    }

    /// <summary><c>pidfd_send_signal(2)</c> - signals the descriptor's process, even if its pid was reused.</summary>
    public static Errno PidfdSendSignal(SafeDescriptor pidfd, int signal)
    {
        using SafeDescriptor.Use use = pidfd.Borrow();
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.pidfd_send_signal, use.Number, signal, 0, 0));
    }

    /// <summary><c>tgkill(2)</c> - signals one thread of a thread group.</summary>
    public static Errno ThreadKill(int pid, int tid, int signal) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.tgkill, pid, tid, signal));

    /// <summary><c>gettid(2)</c> - the calling thread.</summary>
    public static int ThreadId() => (int)(long)LibC.syscall(SyscallNumber.gettid);

    /// <summary><c>geteuid(2)</c> - the caller's effective user id.</summary>
    public static uint EffectiveUser() => (uint)LibC.geteuid();

    /// <summary><c>kcmp(2)</c> with <c>KCMP_VM</c> - whether two threads share an address space; two without one compare equal (CONFIG_KCMP).</summary>
    public static Errno CompareAddressSpaces(int tid, int other, out bool isSame)
    {
        int order = (int)(long)LibC.syscall(SyscallNumber.kcmp, tid, other, Uapi.KCMP_VM, 0, 0);
        isSame = order == 0;
        return Errno.From(order);
    }

    /// <summary><c>ppoll(2)</c> with no wait - whether a descriptor is readable; a pidfd is once its process has exited.</summary>
    /// <remarks>A raw system call: the binding of poll(2) loses the error number.</remarks>
    public static Errno IsReadable(SafeDescriptor file, out bool readable)
    {
        using SafeDescriptor.Use use = file.Borrow();
        pollfd entry = new() { fd = use.Number, events = Uapi.POLLIN };
        (long Seconds, long Nanoseconds) noWait = default;
        int result = (int)(long)LibC.syscall(SyscallNumber.ppoll, &entry, 1, &noWait, 0, 0);
        readable = result > 0;
        return Errno.From(result);
    }

    /// <summary><c>process_madvise(2)</c> - advice about ranges of another process; <paramref name="advised"/> counts whole ranges only.</summary>
    public static Errno ProcessMadvise(SafeDescriptor pidfd, ReadOnlySpan<iovec> ranges, int advice, out long advised)
    {
        using SafeDescriptor.Use use = pidfd.Borrow();
        fixed (iovec* vector = ranges)
        {
            advised = (long)(nint)LibC.syscall(SyscallNumber.process_madvise, use.Number, vector, ranges.Length, advice, 0);
        }

        return advised < 0 ? Errno.Last : Errno.None;
    }

    /// <summary><c>ptrace(2)</c> - one request to one thread; all requests of a tracee come from the thread that seized it.</summary>
    public static Errno Ptrace(int request, int tid, int data) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.ptrace, request, tid, 0, data));

    /// <summary><c>ptrace(2)</c> with <c>PTRACE_GETSIGINFO</c> - what a tracee of this thread has stopped for; <c>ESRCH</c> when it has not stopped.</summary>
    public static Errno ReadStop(int tid, out int signal, out int code)
    {
        int* info = stackalloc int[32]; // siginfo_t is 128 bytes: si_signo first, si_code third
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.ptrace, Uapi.PTRACE_GETSIGINFO, tid, 0, info));
        (signal, code) = errno.Ok ? (info[0], info[2]) : (0, 0);
        return errno;
    }

    /// <summary>
    /// <c>process_vm_readv(2)</c> of an unmapped byte - makes the permission check of ptrace(2) (<c>PTRACE_MODE_ATTACH_REALCREDS</c>), and touches nothing:
    /// <c>EPERM</c> if the caller may not trace the process.
    /// </summary>
    public static Errno AskToTrace(int pid)
    {
        byte nothing = 0;
        iovec local = new() { iov_base = &nothing, iov_len = 1 };
        iovec remote = new() { iov_base = null, iov_len = 1 };
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.process_vm_readv, pid, &local, 1, &remote, 1, 0));
    }

    /// <summary><c>wait4(2)</c> with <c>__WALL | __WNOTHREAD | WNOHANG</c> - a state change of one tracee of this thread; <paramref name="waited"/> is 0 if there is none yet.</summary>
    public static Errno WaitTracee(int tid, out int waited, out int status)
    {
        int value = 0;
        waited = (int)(long)LibC.syscall(SyscallNumber.wait4, tid, &value, Uapi.__WALL | Uapi.__WNOTHREAD | Uapi.WNOHANG, 0);
        status = value;
        return Errno.From(waited);
    }

    /// <summary><c>rt_sigprocmask(2)</c> - blocks signals of the calling thread; bit N - 1 is signal N.</summary>
    public static Errno BlockSignals(ulong signals) =>
        Errno.From((int)(long)LibC.syscall(SyscallNumber.rt_sigprocmask, Uapi.SIG_BLOCK, &signals, 0, sizeof(ulong)));

    /// <summary><c>sched_yield(2)</c> - yields to another runnable thread of this processor.</summary>
    public static Errno Yield() => Errno.From(LibC.sched_yield());

    /// <summary><c>sched_getattr(2)</c> - the scheduling attributes of the calling thread.</summary>
    public static Errno GetScheduling(out sched_attr attributes)
    {
        sched_attr value = default;
        Errno errno = Errno.From((int)(long)LibC.syscall(SyscallNumber.sched_getattr, 0, &value, sizeof(sched_attr), 0));
        attributes = value;
        return errno;
    }

    /// <summary><c>sched_setattr(2)</c> - sets the scheduling attributes of a thread; 0 is the calling one.</summary>
    public static Errno SetScheduling(in sched_attr attributes, int tid = 0)
    {
        sched_attr value = attributes;
        value.size = (uint)sizeof(sched_attr);
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.sched_setattr, tid, &value, 0));
    }

    /// <summary><c>clock_nanosleep(2)</c> - sleeps at least this long on the monotonic clock.</summary>
    public static Errno Sleep(long nanoseconds)
    {
        (long Seconds, long Nanoseconds) time = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        return Errno.From((int)(long)LibC.syscall(SyscallNumber.clock_nanosleep, Uapi.CLOCK_MONOTONIC, 0, &time, 0));
    }
}
