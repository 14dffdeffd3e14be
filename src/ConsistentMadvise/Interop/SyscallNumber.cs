using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary>Numbers of the system calls that Tmds.LibC has no binding for (<c>asm/unistd_64.h</c>, <c>asm-generic/unistd.h</c>).</summary>
/// <remarks>Calls added since Linux 5.1 have one number on every architecture; older ones differ.</remarks>
internal static class SyscallNumber
{
    public const int pidfd_send_signal = 424;
    public const int pidfd_open = 434;
    public const int faccessat2 = 439;
    public const int process_madvise = 440;

    public static readonly int getdents64 = Pick(x64: 217, arm64: 61);
    public static readonly int ppoll = Pick(x64: 271, arm64: 73);
    public static readonly int ptrace = Pick(x64: 101, arm64: 117);
    public static readonly int wait4 = Pick(x64: 61, arm64: 260);
    public static readonly int tgkill = Pick(x64: 234, arm64: 131);
    public static readonly int gettid = Pick(x64: 186, arm64: 178);
    public static readonly int rt_sigprocmask = Pick(x64: 14, arm64: 135);
    public static readonly int clock_nanosleep = Pick(x64: 230, arm64: 115);
    public static readonly int sched_setattr = Pick(x64: 314, arm64: 274);
    public static readonly int sched_getattr = Pick(x64: 315, arm64: 275);
    public static readonly int futex = Pick(x64: 202, arm64: 98);
    public static readonly int flock = Pick(x64: 73, arm64: 32);
    public static readonly int process_vm_readv = Pick(x64: 310, arm64: 270);
    public static readonly int bpf = Pick(x64: 321, arm64: 280);
    public static readonly int kcmp = Pick(x64: 312, arm64: 272);
    public static readonly int fstatfs = Pick(x64: 138, arm64: 44);
    public static readonly int open_by_handle_at = Pick(x64: 304, arm64: 265);
    public static readonly int getrandom = Pick(x64: 318, arm64: 278);
    public static readonly int newfstatat = Pick(x64: 262, arm64: 79);
    public static readonly int readlinkat = Pick(x64: 267, arm64: 78);
    public static readonly int execve = Pick(x64: 59, arm64: 221);
    public static readonly int execveat = Pick(x64: 322, arm64: 281);
    public static readonly int waitid = Pick(x64: 247, arm64: 95);
    public static readonly int inotify_init1 = Pick(x64: 294, arm64: 26);
    public static readonly int inotify_add_watch = Pick(x64: 254, arm64: 27);
    public static readonly int inotify_rm_watch = Pick(x64: 255, arm64: 28);
    public static readonly int prctl = Pick(x64: 157, arm64: 167);
    public static readonly int prlimit64 = Pick(x64: 302, arm64: 261);

    private static int Pick(int x64, int arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        Architecture other => throw new PlatformNotSupportedException($"ConsistentMadvise supports x64 and arm64, not {other}."),
    };
}
