using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads one line of a <c>status</c> file in <c>/proc</c> as text (proc_pid_status(5)).</summary>
internal static class StatusText
{
    private const int MaxValue = 64;

    /// <summary>Reads the start of what follows a label, which begins with a newline, in the file at a zero-terminated path.</summary>
    public static Errno Find(ReadOnlySpan<byte> path, ReadOnlySpan<byte> label, out string value)
    {
        Span<byte> text = stackalloc byte[MaxValue];
        int length = 0;
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out LocalFile status);
        using (status)
        {
            errno = errno.Ok ? ProcStatus.Find(in status, label, text, out length) : errno;
        }

        value = Encoding.ASCII.GetString(text[..length]);
        return errno;
    }

    /// <summary>Reads the same from the status of a process.</summary>
    public static Errno Find(int pid, ReadOnlySpan<byte> label, out string value)
    {
        Span<byte> path = stackalloc byte[ProcFile.PathBytes];
        return Find(ProcFile.Path(path, pid, "/status\0"u8), label, out value);
    }
}
