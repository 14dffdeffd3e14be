using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lists the threads of a target from its <c>/proc/PID/task</c> directory, without allocating.</summary>
internal sealed class ThreadList : IDisposable
{
    private const int NameOffset = 19; // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name

    private readonly SafeDescriptor _task;
    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(32 * 1024, pinned: true);
    private int[] _tids;

    private ThreadList(int task)
    {
        _task = new SafeDescriptor(task);
        _tids = new int[Math.Max(64, CountAlive() * 2)];
    }

    public int Count { get; private set; }

    public ReadOnlySpan<int> Tids => _tids.AsSpan(0, Count);

    /// <summary>How many threads fit before a list must grow: twice those that were alive at the beginning.</summary>
    public int Capacity => _tids.Length;

    public static Errno Open(ProcessTarget target, out ThreadList? threads)
    {
        Errno errno = target.Directory.OpenFile("task\0"u8, out int task);
        threads = errno.Ok ? new ThreadList(task) : null;
        return errno;
    }

    /// <summary>The number of threads that are not collected yet; 0 when the process is gone. One system call: the kernel keeps it as the link count.</summary>
    public int CountAlive() => Kernel.FileStatus(_task.Value, out _, out ulong links).Ok && links > 2 ? (int)links - 2 : 0;

    /// <summary>The state of a thread as the third field of its <c>stat</c> has it (proc_pid_stat(5)); <c>X</c> when it is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public char StateOf(int tid)
    {
        Span<byte> text = stackalloc byte[128]; // the name, of at most 15 bytes, is what comes before it
        Utf8Formatter.TryFormat(tid, text, out int digits);
        "/stat\0"u8.CopyTo(text[digits..]);
        if (!Kernel.OpenAt(_task.Value, text, Uapi.O_RDONLY, out int file).Ok)
        {
            return 'X';
        }

        Errno errno = Kernel.Read(file, text, out int count);
        Kernel.Close(file);
        int nameEnd = errno.Ok ? text[..count].LastIndexOf((byte)')') : -1;
        return nameEnd >= 0 && nameEnd + 2 < count ? (char)text[nameEnd + 2] : 'X';
    }

    /// <summary>Reads the list anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno Scan()
    {
        Count = 0;
        Errno errno = Kernel.Rewind(_task.Value);
        while (errno.Ok)
        {
            errno = Kernel.ReadDirectory(_task.Value, _entries, out int bytes);
            if (!errno.Ok || bytes == 0)
            {
                break;
            }

            Append(_entries.AsSpan(0, bytes));
        }

        return errno;
    }

    public void Dispose() => _task.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Append(ReadOnlySpan<byte> entries)
    {
        while (entries.Length > NameOffset)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entries[16..]);
            int tid = 0;
            for (int i = NameOffset; i < length && entries[i] is >= (byte)'0' and <= (byte)'9'; i++)
            {
                tid = tid * 10 + (entries[i] - '0');
            }

            if (tid != 0)
            {
                Add(tid);
            }

            entries = entries[length..];
        }
    }

    private void Add(int tid)
    {
        if (Count == _tids.Length)
        {
            Array.Resize(ref _tids, _tids.Length * 2);
        }

        _tids[Count++] = tid;
    }
}
