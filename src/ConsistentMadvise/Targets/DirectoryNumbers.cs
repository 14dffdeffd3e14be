using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the entries of a directory of <c>/proc</c> that are numbers: processes, or the threads of one. Allocates nothing but room for more than ever before.</summary>
internal sealed class DirectoryNumbers(int room)
{
    private const int NameOffset = 19; // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name

    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int[] _numbers = new int[room];
    private int _count;

    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, _count);

    /// <summary>Reads a directory by its zero-terminated path.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Read(ReadOnlySpan<byte> path)
    {
        _count = 0;
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, path, Uapi.O_RDONLY, out int directory);
        if (!errno.Ok)
        {
            return errno;
        }

        int bytes;
        do
        {
            errno = Kernel.ReadDirectory(directory, _entries, out bytes);
            Append(_entries.AsSpan(0, Math.Max(0, bytes)));
        }
        while (errno.Ok && bytes > 0);

        Kernel.Close(directory);
        return errno;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Append(ReadOnlySpan<byte> entries)
    {
        while (entries.Length > NameOffset)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entries[16..]);
            int number = 0;
            for (int i = NameOffset; i < length && entries[i] is >= (byte)'0' and <= (byte)'9'; i++)
            {
                number = number * 10 + (entries[i] - '0');
            }

            if (number != 0)
            {
                Add(number);
            }

            entries = entries[length..];
        }
    }

    private void Add(int number)
    {
        if (_count == _numbers.Length)
        {
            Array.Resize(ref _numbers, _count * 2);
        }

        _numbers[_count++] = number;
    }
}
