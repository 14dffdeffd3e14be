using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary>The part that we use of <c>union bpf_attr.link_create</c> of <c>linux/bpf.h</c>, for <c>BPF_LINK_CREATE</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct bpf_attr_link_create
{
    public uint prog_fd;
    public uint target_fd;
    public uint attach_type;
    public uint flags;
}
