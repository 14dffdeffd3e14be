using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>An open <c>/proc/PID</c> directory: what is opened below it belongs to this process or fails, also after the pid is reused.</summary>
internal sealed class ProcDirectory : IDisposable
{
    private readonly SafeDescriptor _directory;

    private ProcDirectory(int descriptor) => _directory = new SafeDescriptor(descriptor);

    public static Errno Open(int pid, out ProcDirectory? directory)
    {
        Span<byte> path = stackalloc byte[32];
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(pid, path[6..], out int digits);
        path[6 + digits] = 0;
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, path, Uapi.O_RDONLY, out int descriptor);
        directory = errno.Ok ? new ProcDirectory(descriptor) : null;
        return errno;
    }

    /// <summary>Opens a file of the process by its zero-terminated name, as a bare number: the frozen window must not allocate.</summary>
    public Errno OpenFile(ReadOnlySpan<byte> name, out int descriptor) => Kernel.OpenAt(_directory.Value, name, Uapi.O_RDONLY, out descriptor);

    /// <summary>Reads the start of a small file, up to the buffer's length, in one read.</summary>
    public Errno ReadFile(ReadOnlySpan<byte> name, Span<byte> buffer, out int count)
    {
        count = 0;
        Errno errno = OpenFile(name, out int descriptor);
        if (!errno.Ok)
        {
            return errno;
        }

        errno = Kernel.Read(descriptor, buffer, out count);
        Kernel.Close(descriptor);
        return errno;
    }

    public Errno ReadStat(out ProcStat stat) => ReadStat("stat\0"u8, out stat);

    /// <summary>Reads <c>task/TID/stat</c> of one thread.</summary>
    public Errno ReadThreadStat(int tid, out ProcStat stat)
    {
        Span<byte> name = stackalloc byte[32];
        ThreadFile(name, tid, "/stat\0"u8);
        return ReadStat(name, out stat);
    }

    /// <summary>Reads <c>TracerPid</c> of one thread; 0 when nobody traces it or it is gone (proc_pid_status(5)).</summary>
    public int ReadTracer(int tid) =>
        ReadThreadStatus(tid, "TracerPid:\t"u8, out ReadOnlySpan<byte> value, stackalloc byte[2048]) && Utf8Parser.TryParse(value, out int tracer, out _) ? tracer : 0;

    /// <summary>Finds a line of <c>task/TID/status</c> by its label; the value begins what is left of the text. False when the thread is gone.</summary>
    public bool ReadThreadStatus(int tid, ReadOnlySpan<byte> label, out ReadOnlySpan<byte> value, Span<byte> buffer)
    {
        Span<byte> name = stackalloc byte[32];
        ThreadFile(name, tid, "/status\0"u8);
        int at = ReadFile(name, buffer, out int count).Ok ? buffer[..count].IndexOf(label) : -1;
        value = at < 0 ? default : buffer[(at + label.Length)..count];
        return at >= 0;
    }

    public void Dispose() => _directory.Dispose();

    private static void ThreadFile(Span<byte> name, int tid, ReadOnlySpan<byte> file)
    {
        "task/"u8.CopyTo(name);
        Utf8Formatter.TryFormat(tid, name[5..], out int digits);
        file.CopyTo(name[(5 + digits)..]);
    }

    private Errno ReadStat(ReadOnlySpan<byte> name, out ProcStat stat)
    {
        Span<byte> text = stackalloc byte[1024];
        stat = default;
        Errno errno = ReadFile(name, text, out int count);
        return !errno.Ok ? errno : ProcStat.TryParse(text[..count], out stat) ? Errno.None : Errno.ESRCH;
    }
}
