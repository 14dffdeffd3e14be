using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>One VMA in 48 bytes without references, so that large snapshots are cheap to hold and the garbage collector need not scan them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmaRecord
{
    public ulong Start;
    public ulong End;
    public ulong Offset;
    public ulong Inode;

    /// <summary>The kernel's <c>dev_t</c>: 12 bits major, 20 bits minor.</summary>
    public uint Device;

    /// <summary>The name's offset in the line while parsing; in a table, its index in <see cref="VmaNames"/>.</summary>
    public int NameStart;

    /// <summary>The length of the name in bytes; 0 if there is none.</summary>
    public int NameLength;

    public VmaPermissions Permissions;
}
