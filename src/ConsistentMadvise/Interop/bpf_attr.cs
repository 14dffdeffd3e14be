using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary>The part that we use of <c>union bpf_attr</c> of <c>linux/bpf.h</c>: 120 bytes, up to the last field of a program load that we set.</summary>
/// <remarks>The kernel takes any length: it holds what a shorter one lacks for zero, and refuses a longer one whose rest is not zero.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct bpf_attr
{
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
    public bpf_obj_name prog_name;
    [FieldOffset(68)]
    public uint expected_attach_type;
    [FieldOffset(108)]
    public uint attach_btf_id;

    // The other commands, by the names that the kernel gives to their parts of the union.
    [FieldOffset(0)]
    public bpf_attr_test test;
    [FieldOffset(0)]
    public bpf_attr_link_create link_create;
    [FieldOffset(0)]
    public bpf_attr_iter_create iter_create;
}
