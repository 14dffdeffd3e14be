using System.Buffers.Binary;

namespace ConsistentMadvise;

/// <summary>The names in what getdents64(2) returned, each with its terminating zero byte.</summary>
internal ref struct DirectoryNames(ReadOnlySpan<byte> entries)
{
    private const int TypeOffset = 18;
    private const byte DT_DIR = 4;
    private const int NameOffset = 19; // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name

    private ReadOnlySpan<byte> _entries = entries;

    /// <summary>Whether the last name is a directory's, if the file system reports types.</summary>
    public bool IsDirectory { get; private set; }

    public bool TryTake(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (_entries.Length <= NameOffset)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_entries[16..]);
        IsDirectory = _entries[TypeOffset] == DT_DIR;
        name = _entries[NameOffset..length];
        name = name[..(name.IndexOf((byte)0) + 1)];
        _entries = _entries[length..];
        return true;
    }
}
