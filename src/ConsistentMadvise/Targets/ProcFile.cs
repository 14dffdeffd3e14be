using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads any process or thread by pid, without allocating. The pid may be reused; <see cref="ProcDirectory"/> excludes that.</summary>
internal static class ProcFile
{
    /// <summary>Enough bytes for the path of any file of a process.</summary>
    public const int PathBytes = 48;

    public static Errno ReadStat(int tid, out ProcStat stat)
    {
        Span<byte> text = stackalloc byte[1024];
        stat = default;
        Errno errno = Open(tid, "/stat\0"u8, out LocalFile file);
        using (file)
        {
            int count = 0;
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            return !errno.Ok ? errno : ProcStat.TryRead(text[..count], out stat) ? Errno.None : Errno.ESRCH;
        }
    }

    /// <summary>Reads the process of a thread (<c>Tgid</c> in proc_pid_status(5)).</summary>
    public static Errno ReadProcess(int tid, out int process) => ReadNumber(tid, "\nTgid:\t"u8, out process);

    /// <summary>Reads the tracer of a thread; 0 if none (<c>TracerPid</c>).</summary>
    public static Errno ReadTracer(int tid, out int tracer) => ReadNumber(tid, "\nTracerPid:\t"u8, out tracer);

    /// <summary>Reads whether a thread has seccomp filters (<c>Seccomp</c>: 2).</summary>
    public static Errno ReadSeccompMode(int tid, out int mode) => ReadNumber(tid, "\nSeccomp:\t"u8, out mode);

    /// <summary>Counts the threads of a process that are not reaped yet: the link count of its task directory.</summary>
    public static Errno CountThreads(int pid, out int threads)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Errno errno = Kernel.LinkCount(Path(path, pid, "/task\0"u8), out ulong links);
        threads = errno.Ok && links > 2 ? (int)links - 2 : 0;
        return errno;
    }

    /// <summary>Writes <c>/proc/NUMBER</c> and a zero-terminated name below it.</summary>
    public static ReadOnlySpan<byte> Path(Span<byte> path, int number, ReadOnlySpan<byte> name)
    {
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(number, path[6..], out int digits);
        name.CopyTo(path[(6 + digits)..]);
        return path[..(6 + digits + name.Length)];
    }

    private static Errno ReadNumber(int tid, scoped ReadOnlySpan<byte> label, out int number)
    {
        number = 0;
        Errno errno = Open(tid, "/status\0"u8, out LocalFile file);
        using (file)
        {
            return errno.Ok ? ProcStatus.FindNumber(in file, label, out number) : errno;
        }
    }

    private static Errno Open(int tid, scoped ReadOnlySpan<byte> name, out LocalFile file)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        return Kernel.Open(Path(path, tid, name), Uapi.O_RDONLY, out file);
    }
}
