using System.Runtime.CompilerServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>char[BPF_OBJ_NAME_LEN]</c> of <c>linux/bpf.h</c>: letters, digits, <c>_</c> and <c>.</c>, closed by a zero.</summary>
[InlineArray(16)]
internal struct bpf_obj_name
{
    private byte _first;
}
