namespace ConsistentMadvise.Interop;

internal static partial class Uapi
{
    // linux/bpf.h: enum bpf_cmd
    public const int BPF_MAP_CREATE = 0;
    public const int BPF_PROG_LOAD = 5;
    public const int BPF_PROG_TEST_RUN = 10;
    public const int BPF_LINK_CREATE = 28;
    public const int BPF_ITER_CREATE = 33;

    // linux/bpf.h: enum bpf_map_type, enum bpf_prog_type, enum bpf_attach_type
    public const uint BPF_MAP_TYPE_ARRAY = 2;
    public const uint BPF_PROG_TYPE_TRACING = 26;
    public const uint BPF_PROG_TYPE_SYSCALL = 31;
    public const uint BPF_TRACE_ITER = 28;

    // linux/bpf.h: flags, kinds of calls, numbers of helpers
    public const uint BPF_F_SLEEPABLE = 1 << 4;
    public const uint BPF_F_MMAPABLE = 1 << 10;
    public const byte BPF_PSEUDO_MAP_FD = 1;
    public const byte BPF_PSEUDO_KFUNC_CALL = 2;
    public const int BPF_FUNC_map_lookup_elem = 1;
    public const int BPF_FUNC_seq_write = 127;

    // linux/bpf_common.h, linux/bpf.h: classes, sizes and modes of instructions
    public const byte BPF_LD = 0x00;
    public const byte BPF_LDX = 0x01;
    public const byte BPF_STX = 0x03;
    public const byte BPF_JMP = 0x05;
    public const byte BPF_ALU64 = 0x07;
    public const byte BPF_W = 0x00;
    public const byte BPF_DW = 0x18;
    public const byte BPF_IMM = 0x00;
    public const byte BPF_MEM = 0x60;
    public const byte BPF_ATOMIC = 0xc0;
    public const byte BPF_K = 0x00;
    public const byte BPF_X = 0x08;

    // linux/bpf_common.h, linux/bpf.h: operations
    public const byte BPF_ADD = 0x00;
    public const byte BPF_AND = 0x50;
    public const byte BPF_LSH = 0x60;
    public const byte BPF_RSH = 0x70;
    public const byte BPF_MOV = 0xb0;
    public const byte BPF_JA = 0x00;
    public const byte BPF_JEQ = 0x10;
    public const byte BPF_JGE = 0x30;
    public const byte BPF_JNE = 0x50;
    public const byte BPF_JLE = 0xb0;
    public const byte BPF_JCOND = 0xe0;
    public const byte BPF_CALL = 0x80;
    public const byte BPF_EXIT = 0x90;
    public const byte BPF_FETCH = 0x01;

    // linux/btf.h
    public const ushort BTF_MAGIC = 0xeB9F;
    public const byte BTF_VERSION = 1;
    public const uint BTF_KIND_INT = 1;
    public const uint BTF_KIND_PTR = 2;
    public const uint BTF_KIND_ARRAY = 3;
    public const uint BTF_KIND_STRUCT = 4;
    public const uint BTF_KIND_UNION = 5;
    public const uint BTF_KIND_ENUM = 6;
    public const uint BTF_KIND_FWD = 7;
    public const uint BTF_KIND_TYPEDEF = 8;
    public const uint BTF_KIND_VOLATILE = 9;
    public const uint BTF_KIND_CONST = 10;
    public const uint BTF_KIND_RESTRICT = 11;
    public const uint BTF_KIND_FUNC = 12;
    public const uint BTF_KIND_FUNC_PROTO = 13;
    public const uint BTF_KIND_VAR = 14;
    public const uint BTF_KIND_DATASEC = 15;
    public const uint BTF_KIND_FLOAT = 16;
    public const uint BTF_KIND_DECL_TAG = 17;
    public const uint BTF_KIND_TYPE_TAG = 18;
    public const uint BTF_KIND_ENUM64 = 19;
}
