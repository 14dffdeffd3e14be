using System.Buffers.Text;
using ConsistentMadvise.Interop;
using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise;

/// <summary>An open <c>/proc/PID</c> directory: opening a file below it opens this process's or fails, even after the pid is reused.</summary>
internal sealed class ProcDirectory : IDisposable
{
    private readonly SafeDescriptor _directory;

    private ProcDirectory(SafeDescriptor directory) => _directory = directory;

    public static Errno Open(int pid, out ProcDirectory? directory)
    {
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        Errno errno = Kernel.Open(ProcFile.Path(path, pid, "\0"u8), Uapi.O_RDONLY, out SafeDescriptor descriptor);
        directory = errno.Ok ? new ProcDirectory(descriptor) : null;
        return errno;
    }

    /// <summary>Opens a file of the process by its zero-terminated name, as a ref struct: the frozen window must not allocate.</summary>
    public Errno OpenFile(scoped ReadOnlySpan<byte> name, out LocalFile file) => Kernel.OpenAt(_directory, name, Uapi.O_RDONLY, out file);

    /// <summary>Opens a file of the process by its zero-terminated name, to be kept.</summary>
    public Errno OpenFile(ReadOnlySpan<byte> name, out SafeDescriptor file) => Kernel.OpenAt(_directory, name, Uapi.O_RDONLY, out file);

    /// <summary>Opens a file of the process by its zero-terminated name, for a caller of the library.</summary>
    public Errno OpenFile(ReadOnlySpan<byte> name, out SafeFileHandle file) => Kernel.OpenAt(_directory, name, Uapi.O_RDONLY, out file);

    /// <summary>Reads the start of a small file, up to the buffer's length, in one read.</summary>
    public Errno ReadFile(ReadOnlySpan<byte> name, Span<byte> buffer, out int count)
    {
        count = 0;
        Errno errno = OpenFile(name, out LocalFile file);
        using (file)
        {
            return errno.Ok ? Kernel.Read(in file, buffer, out count) : errno;
        }
    }

    public Errno ReadStat(out ProcStat stat) => ReadStat("stat\0"u8, out stat);

    /// <summary>Reads <c>task/TID/stat</c> of one thread.</summary>
    public Errno ReadThreadStat(int tid, out ProcStat stat)
    {
        Span<byte> name = stackalloc byte[32];
        ThreadFile(name, tid, "/stat\0"u8);
        return ReadStat(name, out stat);
    }

    /// <summary>Reads the tracer of a thread; 0 if none (<c>TracerPid</c>, proc_pid_status(5)).</summary>
    public Errno ReadTracer(int tid, out int tracer)
    {
        Errno errno = OpenThreadStatus(tid, out LocalFile status);
        using (status)
        {
            tracer = 0;
            return errno.Ok ? ProcStatus.FindNumber(in status, "\nTracerPid:\t"u8, out tracer) : errno;
        }
    }

    /// <summary>Opens <c>task/TID/status</c> of one thread.</summary>
    public Errno OpenThreadStatus(int tid, out LocalFile status)
    {
        Span<byte> name = stackalloc byte[32];
        ThreadFile(name, tid, "/status\0"u8);
        return OpenFile(name, out status);
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
        return !errno.Ok ? errno : ProcStat.TryRead(text[..count], out stat) ? Errno.None : Errno.ESRCH;
    }
}
