using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>union bpf_attr.iter_create</c> of <c>linux/bpf.h</c>, for <c>BPF_ITER_CREATE</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct bpf_attr_iter_create
{
    public uint link_fd;
    public uint flags;
}
