using System.Globalization;
using System.Text;

namespace ConsistentMadvise;

/// <summary>One virtual memory area: a line of <c>/proc/PID/maps</c> (proc_pid_maps(5)).</summary>
public readonly struct Vma : IEquatable<Vma>
{
    private readonly VmaRecord _record;
    private readonly VmaNames? _names;

    internal Vma(in VmaRecord record, VmaNames names)
    {
        _record = record;
        _names = names;
    }

    /// <summary>Gets the first address.</summary>
    public ulong Start => _record.Start;

    /// <summary>Gets the address just past the end (exclusive).</summary>
    public ulong End => _record.End;

    /// <summary>Gets the addresses, <c>[Start, End)</c>.</summary>
    public AddressRange Range => new(Start, End);

    /// <summary>Gets the length in bytes, a multiple of the page size.</summary>
    public ulong Length => End - Start;

    /// <summary>Gets the permissions.</summary>
    public VmaPermissions Permissions => _record.Permissions;

    /// <summary>Gets the offset into the mapped file in bytes; 0 for anonymous memory.</summary>
    public ulong Offset => _record.Offset;

    /// <summary>Gets the major number of the device that holds the file.</summary>
    public int DeviceMajor => (int)(_record.Device >> 20);

    /// <summary>Gets the minor number of the device that holds the file.</summary>
    public int DeviceMinor => (int)(_record.Device & 0xfffff);

    /// <summary>Gets the inode number of the file; 0 if there is none.</summary>
    public ulong Inode => _record.Inode;

    /// <summary>Gets the name as the kernel wrote it: a path, a name in brackets, or nothing. Any bytes except a newline, which is written <c>\012</c>.</summary>
    /// <remarks>A name that ends in <c> (deleted)</c> may be a deleted file or a file of that name; the text does not distinguish them.</remarks>
    public ReadOnlySpan<byte> NameBytes => _names is null || _record.NameLength == 0 ? [] : _names[_record.NameStart];

    /// <summary>Returns a new string with the name; bytes that are not UTF-8 become U+FFFD.</summary>
    public string GetName() => Encoding.UTF8.GetString(NameBytes);

    /// <summary>Gets whether the mapping is shared (<c>MAP_SHARED</c>).</summary>
    public bool IsShared => (Permissions & VmaPermissions.Shared) != 0;

    /// <summary>Gets whether the mapping is private (<c>MAP_PRIVATE</c>).</summary>
    public bool IsPrivate => !IsShared;

    /// <summary>Gets whether the VMA maps a file (or shared memory, which is a file to the kernel): its device or inode number is not zero.</summary>
    /// <remarks>The inode number does not suffice: the first System V segment of an IPC namespace has 0.</remarks>
    public bool IsFileBacked => _record.Device != 0 || Inode != 0;

    /// <summary>Gets whether the VMA is anonymous memory of the process: no file, and none of the kernel's own mappings.</summary>
    public bool IsAnonymous => Inode == 0 && _record.Device == 0 && !IsSpecial;

    /// <summary>Gets whether the VMA is private anonymous memory: heap, stack, or <c>mmap</c> without a file.</summary>
    public bool IsPrivateAnonymous => IsPrivate && IsAnonymous;

    /// <summary>Gets whether the kernel names the VMA <c>[heap]</c>.</summary>
    public bool IsHeap => NameBytes.SequenceEqual("[heap]"u8);

    /// <summary>Gets whether the kernel names the VMA <c>[stack]</c>: that of the thread-group leader. Stacks of other threads are not marked.</summary>
    public bool IsStack => NameBytes.SequenceEqual("[stack]"u8);

    /// <summary>
    /// Gets whether the VMA must not be hinted: the kernel's own (<c>[vdso]</c>, <c>[vvar]</c>, <c>[vsyscall]</c>, <c>[uprobes]</c>),
    /// a device, or pages that the kernel itself holds for a socket, an io_uring or AIO ring, or a file of sysfs or procfs.
    /// </summary>
    public bool IsSpecial => SpecialMapping.Is(NameBytes);

    internal ref readonly VmaRecord Record => ref System.Runtime.CompilerServices.Unsafe.AsRef(in _record);

    /// <summary>Returns whether both describe the same line.</summary>
    /// <param name="other">The other VMA.</param>
    public bool Equals(Vma other) =>
        Start == other.Start && End == other.End && Permissions == other.Permissions && Offset == other.Offset
        && _record.Device == other._record.Device && Inode == other.Inode && NameBytes.SequenceEqual(other.NameBytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Vma other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Start, End, Permissions, Offset, Inode);

    /// <summary>Returns start, end, permissions and name, as <c>7f0000000000-7f0000001000 rw-p [heap]</c>.</summary>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Range} {GetPermissionText()}");
        return NameBytes.IsEmpty ? text : $"{text} {GetName()}";
    }

    /// <summary>Returns a new string with the permissions as the kernel writes them, such as <c>rw-p</c>.</summary>
    public string GetPermissionText() => string.Create(4, Permissions, static (text, permissions) =>
    {
        text[0] = (permissions & VmaPermissions.Read) != 0 ? 'r' : '-';
        text[1] = (permissions & VmaPermissions.Write) != 0 ? 'w' : '-';
        text[2] = (permissions & VmaPermissions.Execute) != 0 ? 'x' : '-';
        text[3] = (permissions & VmaPermissions.Shared) != 0 ? 's' : 'p';
    });

    /// <summary>Returns whether both describe the same line.</summary>
    public static bool operator ==(Vma left, Vma right) => left.Equals(right);

    /// <summary>Returns whether the two describe different lines.</summary>
    public static bool operator !=(Vma left, Vma right) => !left.Equals(right);
}
