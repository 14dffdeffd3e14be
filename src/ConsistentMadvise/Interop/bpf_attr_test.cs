using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>union bpf_attr.test</c> of <c>linux/bpf.h</c>, for <c>BPF_PROG_TEST_RUN</c>, 80 bytes.</summary>
/// <remarks>For a program of type <c>BPF_PROG_TYPE_SYSCALL</c> all but the program, and the context that goes in and is written back, must be 0.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct bpf_attr_test
{
    public uint prog_fd;
    public uint retval;
    public uint data_size_in;
    public uint data_size_out;
    public ulong data_in;
    public ulong data_out;
    public uint repeat;
    public uint duration;
    public uint ctx_size_in;
    public uint ctx_size_out;
    public ulong ctx_in;
    public ulong ctx_out;
    public uint flags;
    public uint cpu;
    public uint batch_size;
}
