using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary>The part of <c>union bpf_attr</c> of <c>linux/bpf.h</c> in use: 120 bytes, up to the last field set for a program load.</summary>
/// <remarks>The kernel accepts any length: missing bytes are zero, and a longer one is refused unless the rest is zero.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct bpf_attr
{
    // BPF_MAP_CREATE
    [FieldOffset(0)]
    public uint map_type;
    [FieldOffset(4)]
    public uint key_size;
    [FieldOffset(8)]
    public uint value_size;
    [FieldOffset(12)]
    public uint max_entries;
    [FieldOffset(16)]
    public uint map_flags;

    // BPF_PROG_LOAD
    [FieldOffset(0)]
    public uint prog_type;
    [FieldOffset(4)]
    public uint insn_cnt;
    [FieldOffset(8)]
    public ulong insns;
    [FieldOffset(16)]
    public ulong license;
    [FieldOffset(24)]
    public uint log_level;
    [FieldOffset(28)]
    public uint log_size;
    [FieldOffset(32)]
    public ulong log_buf;
    [FieldOffset(44)]
    public uint prog_flags;
    [FieldOffset(48)]
    public Name prog_name;
    [FieldOffset(68)]
    public uint expected_attach_type;
    [FieldOffset(108)]
    public uint attach_btf_id;

    // The other commands, under the kernel's names for their parts of the union.
    [FieldOffset(0)]
    public TestRun test;
    [FieldOffset(0)]
    public LinkCreate link_create;
    [FieldOffset(0)]
    public IterCreate iter_create;

    /// <summary><c>char[BPF_OBJ_NAME_LEN]</c>: letters, digits, <c>_</c> and <c>.</c>, zero-terminated.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    public struct Name
    {
    }

    /// <summary>For <c>BPF_PROG_TEST_RUN</c>.</summary>
    /// <remarks>For <c>BPF_PROG_TYPE_SYSCALL</c> all must be 0 except the program and the context, which is read and written back.</remarks>
    [StructLayout(LayoutKind.Sequential)]
    public struct TestRun
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
    }

    /// <summary>For <c>BPF_LINK_CREATE</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkCreate
    {
        public uint prog_fd;
        public uint target_fd;
        public uint attach_type;
        public uint flags;
    }

    /// <summary>For <c>BPF_ITER_CREATE</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IterCreate
    {
        public uint link_fd;
        public uint flags;
    }
}
