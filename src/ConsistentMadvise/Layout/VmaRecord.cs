using System.Runtime.InteropServices;

namespace ConsistentMadvise;

/// <summary>One VMA in 48 bytes without references, so that large snapshots are cheap to hold and invisible to the collector.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmaRecord
{
    public ulong Start;
    public ulong End;
    public ulong Offset;
    public ulong Inode;

    /// <summary>The kernel's <c>dev_t</c>: 12 bits major, 20 bits minor.</summary>
    public uint Device;

    public int NameStart;
    public int NameLength;
    public VmaPermissions Permissions;
}
