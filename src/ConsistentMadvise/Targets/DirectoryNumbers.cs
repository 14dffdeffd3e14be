using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the entries of a directory of <c>/proc</c> that are numbers: processes, or the threads of one. Allocates nothing but room for more than ever before.</summary>
internal sealed class DirectoryNumbers(int room, int bufferBytes = 4096)
{
    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(bufferBytes, pinned: true);
    private int[] _numbers = new int[room];
    private int _count;

    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, _count);

    /// <summary>How many fit before it must grow.</summary>
    public int Capacity => _numbers.Length;

    /// <summary>Reads a directory by its zero-terminated path.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Read(ReadOnlySpan<byte> path)
    {
        _count = 0;
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, path, Uapi.O_RDONLY, out int directory);
        if (errno.Ok)
        {
            errno = ReadRest(directory);
            Kernel.Close(directory);
        }

        return errno;
    }

    /// <summary>Reads an open directory from its beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Reread(int directory)
    {
        _count = 0;
        Errno errno = Kernel.Rewind(directory);
        return errno.Ok ? ReadRest(directory) : errno;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Errno ReadRest(int directory)
    {
        while (true)
        {
            Errno errno = Kernel.ReadDirectory(directory, _entries, out int bytes);
            if (!errno.Ok || bytes == 0)
            {
                return errno;
            }

            DirectoryNames names = new(_entries.AsSpan(0, bytes));
            while (names.TryTake(out ReadOnlySpan<byte> name))
            {
                Add(name);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<byte> name)
    {
        int number = 0;
        for (int i = 0; i < name.Length && name[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            number = number * 10 + (name[i] - '0');
        }

        if (number == 0)
        {
            return;
        }

        if (_count == _numbers.Length)
        {
            Array.Resize(ref _numbers, _count * 2);
        }

        _numbers[_count++] = number;
    }
}
