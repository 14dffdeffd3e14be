using System.Runtime.InteropServices;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Numbers of the system calls that Tmds.LibC has no binding for, or that a forked child makes (<c>asm/unistd_64.h</c>, <c>asm-generic/unistd.h</c>).</summary>
internal static class SyscallNumber
{
    public static readonly int Clone = Pick(x64: 56, arm64: 220);
    public static readonly int ClockNanosleep = Pick(x64: 230, arm64: 115);
    public static readonly int Close = Pick(x64: 3, arm64: 57);
    public static readonly int Exit = Pick(x64: 60, arm64: 93);
    public static readonly int ExitGroup = Pick(x64: 231, arm64: 94);
    public static readonly int Getppid = Pick(x64: 110, arm64: 173);
    public static readonly int Getrandom = Pick(x64: 318, arm64: 278);
    public static readonly int Gettid = Pick(x64: 186, arm64: 178);
    public static readonly int Ioctl = Pick(x64: 16, arm64: 29);
    public static readonly int IoUringEnter = Pick(x64: 426, arm64: 426);
    public static readonly int IoUringSetup = Pick(x64: 425, arm64: 425);
    public static readonly int Kill = Pick(x64: 62, arm64: 129);
    public static readonly int MemfdCreate = Pick(x64: 319, arm64: 279);
    public static readonly int Mmap = Pick(x64: 9, arm64: 222);
    public static readonly int Personality = Pick(x64: 135, arm64: 92);
    public static readonly int Ppoll = Pick(x64: 271, arm64: 73);
    public static readonly int Prctl = Pick(x64: 157, arm64: 167);
    public static readonly int Ptrace = Pick(x64: 101, arm64: 117);
    public static readonly int Setpgid = Pick(x64: 109, arm64: 154);
    public static readonly int Tgkill = Pick(x64: 234, arm64: 131);
    public static readonly int Userfaultfd = Pick(x64: 323, arm64: 282);
    public static readonly int Wait4 = Pick(x64: 61, arm64: 260);
    public static readonly int Write = Pick(x64: 1, arm64: 64);

    private static int Pick(int x64, int arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        Architecture other => throw new PlatformNotSupportedException($"The race target knows the system call numbers of x64 and arm64, not of {other}."),
    };
}
