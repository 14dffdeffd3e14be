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
    public static readonly int ptrace = Pick(x64: 101, arm64: 117);
    public static readonly int wait4 = Pick(x64: 61, arm64: 260);
    public static readonly int tgkill = Pick(x64: 234, arm64: 131);
    public static readonly int gettid = Pick(x64: 186, arm64: 178);
    public static readonly int rt_sigprocmask = Pick(x64: 14, arm64: 135);
    public static readonly int clock_nanosleep = Pick(x64: 230, arm64: 115);
    public static readonly int sched_setattr = Pick(x64: 314, arm64: 274);
    public static readonly int sched_getattr = Pick(x64: 315, arm64: 275);
    public static readonly int flock = Pick(x64: 73, arm64: 32);
    public static readonly int process_vm_readv = Pick(x64: 310, arm64: 270);
    public static readonly int bpf = Pick(x64: 321, arm64: 280);
    public static readonly int kcmp = Pick(x64: 312, arm64: 272);
    public static readonly int newfstatat = Pick(x64: 262, arm64: 79);

    private static int Pick(int x64, int arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        Architecture other => throw new PlatformNotSupportedException($"ConsistentMadvise knows the system call numbers of x64 and arm64, not of {other}."),
    };
}
