using System.Runtime.InteropServices;

namespace ConsistentMadvise.Interop;

/// <summary><c>struct procmap_query</c> of <c>linux/fs.h</c> (Linux 6.11), 104 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct procmap_query
{
    public ulong size;
    public ulong query_flags;
    public ulong query_addr;
    public ulong vma_start;
    public ulong vma_end;
    public ulong vma_flags;
    public ulong vma_page_size;
    public ulong vma_offset;
    public ulong inode;
    public uint dev_major;
    public uint dev_minor;
    public uint vma_name_size;
    public uint build_id_size;
    public ulong vma_name_addr;
    public ulong build_id_addr;
}
