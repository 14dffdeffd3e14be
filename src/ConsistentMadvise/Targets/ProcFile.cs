using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Looks at any process or thread by its number, without allocating. The number may come to mean another; for those that are held open there is <see cref="ProcDirectory"/>.</summary>
internal static class ProcFile
{
    /// <summary>Room for the path of any file of a process.</summary>
    public const int PathBytes = 48;

    public static Errno ReadStat(int tid, out ProcStat stat)
    {
        Span<byte> text = stackalloc byte[1024];
        stat = default;
        Errno errno = Read(tid, "/stat\0"u8, text, out int count);
        return !errno.Ok ? errno : ProcStat.TryParse(text[..count], out stat) ? Errno.None : Errno.ESRCH;
    }

    /// <summary>The process that a thread belongs to; 0 when it is gone (<c>Tgid</c> in proc_pid_status(5)).</summary>
    public static int ReadProcess(int tid)
    {
        Span<byte> text = stackalloc byte[2048];
        int at = Read(tid, "/status\0"u8, text, out int count).Ok ? text[..count].IndexOf("\nTgid:\t"u8) : -1;
        return at >= 0 && Utf8Parser.TryParse(text[(at + 7)..count], out int process, out _) ? process : 0;
    }

    /// <summary>How many threads a process has that are not collected yet; 0 when it is gone. The kernel keeps it as a link count.</summary>
    public static int CountThreads(int pid)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        return Kernel.LinkCount(Uapi.AT_FDCWD, Path(path, pid, "/task\0"u8), out ulong links).Ok && links > 2 ? (int)links - 2 : 0;
    }

    /// <summary>Writes <c>/proc/NUMBER</c> and a zero-terminated name below it.</summary>
    public static ReadOnlySpan<byte> Path(Span<byte> path, int number, ReadOnlySpan<byte> name)
    {
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(number, path[6..], out int digits);
        name.CopyTo(path[(6 + digits)..]);
        return path[..(6 + digits + name.Length)];
    }

    private static Errno Read(int tid, ReadOnlySpan<byte> name, Span<byte> text, out int count)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        count = 0;
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, Path(path, tid, name), Uapi.O_RDONLY, out int descriptor);
        if (errno.Ok)
        {
            errno = Kernel.Read(descriptor, text, out count);
            Kernel.Close(descriptor);
        }

        return errno;
    }
}
