using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lists the threads of a target from its <c>/proc/PID/task</c> directory, without allocating.</summary>
internal sealed class ThreadList : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    private readonly SafeDescriptor _task;
    private readonly DirectoryNumbers _tids;

    private ThreadList(int task)
    {
        _task = new SafeDescriptor(task);
        _tids = new DirectoryNumbers(Math.Max(64, CountAlive() * 2), BufferBytes);
    }

    public int Count => _tids.Numbers.Length;

    public ReadOnlySpan<int> Tids => _tids.Numbers;

    /// <summary>How many threads fit before a list must grow: twice those that were alive at the beginning.</summary>
    public int Capacity => _tids.Capacity;

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
    public Errno Scan() => _tids.Reread(_task.Value);

    public void Dispose() => _task.Dispose();
}
