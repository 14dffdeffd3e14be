using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads the entries of a directory of <c>/proc</c> that are numbers: processes, or the threads of one. Allocates only to grow past its largest result.</summary>
/// <remarks>Uses a per-thread buffer, which <see cref="WarmUp"/> allocates.</remarks>
[RunsFrozen]
internal sealed class DirectoryNumbers(int room)
{
    private const int BufferBytes = 32 * 1024;

    [ThreadStatic]
    private static byte[]? s_entries;

    private int[] _numbers = new int[room];
    private int _count;

    public ReadOnlySpan<int> Numbers => _numbers.AsSpan(0, _count);

    /// <summary>The capacity before it must grow.</summary>
    public int Capacity => _numbers.Length;

    private static byte[] Entries => s_entries ??= GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Allocates the calling thread's buffer, so that it is not allocated while a target is frozen.</summary>
    public static void WarmUp() => _ = Entries;

    /// <summary>Reads a directory by its zero-terminated path.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Read(ReadOnlySpan<byte> path)
    {
        _count = 0;
        byte[] entries = Entries;
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out LocalFile directory);
        using (directory)
        {
            int bytes = 0;
            while (errno.Ok && (errno = Kernel.ReadDirectory(in directory, entries, out bytes)).Ok && bytes > 0)
            {
                AddAll(entries.AsSpan(0, bytes));
            }
        }

        return errno;
    }

    /// <summary>Reads an open directory from its beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Reread(SafeDescriptor directory)
    {
        _count = 0;
        byte[] entries = Entries;
        Errno errno = Kernel.Rewind(directory);
        int bytes = 0;
        while (errno.Ok && (errno = Kernel.ReadDirectory(directory, entries, out bytes)).Ok && bytes > 0)
        {
            AddAll(entries.AsSpan(0, bytes));
        }

        return errno;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddAll(ReadOnlySpan<byte> entries)
    {
        DirectoryNames names = new(entries);
        while (names.TryTake(out ReadOnlySpan<byte> name))
        {
            Add(name);
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
