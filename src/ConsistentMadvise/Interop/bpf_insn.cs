using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>struct bpf_insn</c> of <c>linux/bpf.h</c>: one instruction, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct bpf_insn
{
    public byte code;

    /// <summary>The bit fields <c>dst_reg:4</c> and <c>src_reg:4</c>; on little-endian machines the destination is the low half.</summary>
    public byte dst_reg_src_reg;

    public short off;
    public int imm;
}
