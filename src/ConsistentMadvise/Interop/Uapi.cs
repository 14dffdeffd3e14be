namespace ConsistentMadvise.Interop;

/// <summary>Constants of the kernel's user API that Tmds.LibC lacks, under their own names. The ABI test compiles them against the system's headers.</summary>
internal static partial class Uapi
{
    // linux/uio.h, linux/fs.h (with 4 KiB pages)
    public const int UIO_MAXIOV = 1024;

    // asm-generic/mman-common.h
    public const int MADV_WILLNEED = 3;
    public const int MADV_COLD = 20;
    public const int MADV_PAGEOUT = 21;
    public const int MADV_COLLAPSE = 25;

    // linux/ptrace.h
    public const int PTRACE_GETSIGINFO = 0x4202;
    public const int PTRACE_SEIZE = 0x4206;
    public const int PTRACE_INTERRUPT = 0x4207;
    public const int PTRACE_DETACH = 17;
    public const int PTRACE_EVENT_STOP = 128;

    // bits/waitflags.h
    public const int WNOHANG = 1;
    public const int WUNTRACED = 2;
    public const int WEXITED = 4;
    public const int WNOWAIT = 0x01000000;
    public const int __WNOTHREAD = 0x20000000;
    public const int __WALL = 0x40000000;
    public const int F_GETFD = 1;
    public const int FD_CLOEXEC = 1;
    public const int P_ALL = 0;
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int CLD_EXITED = 1;
    public const int CLD_KILLED = 2;
    public const int CLD_DUMPED = 3;

    // asm-generic/signal.h
    public const int SIGKILL = 9;
    public const int SIGTRAP = 5;
    public const int SIGABRT = 6;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGALRM = 14;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGTSTP = 20;
    public const int SIGTTIN = 21;
    public const int SIGTTOU = 22;
    public const int SIGXCPU = 24;
    public const int SIGXFSZ = 25;
    public const int SIG_BLOCK = 0;

    // asm-generic/resource.h
    public const int RLIMIT_FSIZE = 1;

    // linux/prctl.h
    public const int PR_SET_TIMERSLACK = 29;

    // linux/futex.h
    public const int FUTEX_WAIT = 0;
    public const int FUTEX_WAKE = 1;
    public const int FUTEX_PRIVATE_FLAG = 128;

    // asm-generic/fcntl.h
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;
    public const int O_NONBLOCK = 0x800;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int AT_FDCWD = -100;
    public const int AT_EACCESS = 0x200;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int LOCK_UN = 8;

    // linux/magic.h
    public const ulong PROC_SUPER_MAGIC = 0x9FA0;
    public const ulong CGROUP2_SUPER_MAGIC = 0x63677270;

    // unistd.h
    public const int W_OK = 2;

    // linux/inotify.h
    public const int IN_NONBLOCK = 0x800;
    public const int IN_CLOEXEC = 0x80000;
    public const uint IN_MODIFY = 2;

    // asm-generic/poll.h
    public const short POLLIN = 1;

    // linux/sched.h
    public const uint SCHED_NORMAL = 0;
    public const uint SCHED_FIFO = 1;
    public const uint SCHED_RR = 2;

    // linux/time.h
    public const int CLOCK_MONOTONIC = 1;

    // linux/kcmp.h
    public const int KCMP_VM = 1;

    // linux/fs.h: _IOWR('f', 17, struct procmap_query)
    public const uint PROCMAP_QUERY = 0xC0686611;
    public const ulong PROCMAP_QUERY_VMA_READABLE = 0x01;
    public const ulong PROCMAP_QUERY_VMA_WRITABLE = 0x02;
    public const ulong PROCMAP_QUERY_VMA_EXECUTABLE = 0x04;
    public const ulong PROCMAP_QUERY_VMA_SHARED = 0x08;
    public const ulong PROCMAP_QUERY_COVERING_OR_NEXT_VMA = 0x10;

    // linux/fs.h: _IOWR('f', 16, struct pm_scan_arg)
    public const uint PAGEMAP_SCAN = 0xC0606610;
    public const ulong PAGE_IS_PRESENT = 1 << 3;
    public const ulong PAGE_IS_SWAPPED = 1 << 4;
    public const ulong PAGE_IS_PFNZERO = 1 << 5;
    public const ulong PAGE_IS_HUGE = 1 << 6;
}
