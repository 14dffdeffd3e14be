using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>Has system calls of one thread fail with an error, as a seccomp filter of a sandbox does, or as if no descriptor or memory were left (seccomp(2)).</summary>
internal static unsafe class SeccompFilter
{
    private const uint SECCOMP_SET_MODE_FILTER = 1;
    private const uint SECCOMP_RET_ALLOW = 0x7fff_0000;
    private const uint SECCOMP_RET_ERRNO = 0x0005_0000;
    private const ushort LoadNumber = 0x20; // BPF_LD | BPF_W | BPF_ABS: the number is the first word of seccomp_data
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Runs an action on a thread of its own, whose system calls of these numbers fail: a filter is never taken off.</summary>
    public static void RunDenying(int[] systemCalls, Errno errno, Action action) => OwnThread.Run(() =>
    {
        Deny(systemCalls, errno);
        action();
    });

    /// <summary>From now on the calling thread's system calls of these numbers fail.</summary>
    public static void Deny(ReadOnlySpan<int> systemCalls, Errno errno)
    {
        Instruction* code = stackalloc Instruction[systemCalls.Length + 3];
        int count = 0;
        code[count++] = new Instruction(LoadNumber, 0, 0, 0);
        for (int i = 0; i < systemCalls.Length; i++)
        {
            code[count++] = new Instruction(JumpIfEqual, (byte)(systemCalls.Length - i), 0, (uint)systemCalls[i]);
        }

        code[count++] = new Instruction(Return, 0, 0, SECCOMP_RET_ALLOW);
        code[count++] = new Instruction(Return, 0, 0, SECCOMP_RET_ERRNO | (uint)errno.Value);
        Program program = new() { Length = (ushort)count, Code = code };
        Errno set = Errno.From((int)(long)LibC.syscall(IsArm ? 277 : 317, SECCOMP_SET_MODE_FILTER, 0, &program));
        Assert.Equal(Errno.None, set);
    }

    /// <summary><c>struct sock_filter</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Code;
    }
}
