using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>Tries to load the shortest program of the type that reads <c>mm_lock_seq</c>.</summary>
internal static unsafe class BpfProbe
{
    private const string KernelTypes = "/sys/kernel/btf/vmlinux";

    public static string? Try()
    {
        const int BPF_PROG_LOAD = 5;
        const int BPF_PROG_TYPE_SYSCALL = 31;
        const int BPF_F_SLEEPABLE = 16;
        if (!File.Exists(KernelTypes))
        {
            return $"{KernelTypes} does not exist";
        }

        ReadOnlySpan<ulong> program = [0xb7, 0x95];   // r0 = 0; exit
        Span<byte> attributes = stackalloc byte[128];
        attributes.Clear();
        fixed (ulong* instructions = program)
        fixed (byte* licence = "GPL\0"u8)
        fixed (byte* attribute = attributes)
        {
            // union bpf_attr of linux/bpf.h: prog_type, insn_cnt, insns, license, log_level, log_size, log_buf, kern_version, prog_flags
            BinaryPrimitives.WriteInt32LittleEndian(attributes, BPF_PROG_TYPE_SYSCALL);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], program.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)instructions);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)licence);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[44..], BPF_F_SLEEPABLE);
            int number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
            int descriptor = (int)LibC.syscall(number, BPF_PROG_LOAD, attribute, attributes.Length);
            if (descriptor < 0)
            {
                return $"BPF_PROG_LOAD: {Errno.Last}";
            }

            return Kernel.Close(descriptor).Ok ? null : "close";
        }
    }
}
