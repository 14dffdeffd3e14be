using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds one line of a <c>status</c> file of <c>/proc</c>, however long the lines before it are (proc_pid_status(5)).</summary>
/// <remarks>
/// A process chooses its own name, and the name is in the first line. So a label begins with the newline before it: the kernel escapes a newline in a
/// name. The line of supplementary groups can take hundreds of kilobytes.
/// </remarks>
[RunsFrozen]
internal static class ProcStatus
{
    private const int BufferBytes = 2048;

    /// <summary>Finds a decimal number; 0 if there is no such line.</summary>
    public static Errno FindNumber(in LocalFile status, ReadOnlySpan<byte> label, out int number)
    {
        Span<byte> value = stackalloc byte[16];
        Errno errno = Find(in status, label, value, out int length);
        number = errno.Ok && Utf8Parser.TryParse(value[..length], out int parsed, out _) ? parsed : 0;
        return errno;
    }

    /// <summary>Finds a line by its label, which begins with a newline, and copies the start of its value; nothing if there is no such line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Errno Find(in LocalFile status, ReadOnlySpan<byte> label, Span<byte> value, out int length)
    {
        length = 0;
        Span<byte> buffer = stackalloc byte[BufferBytes];
        int kept = 0;
        bool isFound = false;
        while (true)
        {
            Errno errno = Kernel.Read(in status, buffer[kept..], out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok)
            {
                return errno;
            }

            Span<byte> text = buffer[..(kept + count)];
            int at = isFound ? 0 : text.IndexOf(label);
            int from = isFound ? 0 : at + label.Length;
            isFound |= at >= 0;
            if (isFound && (count == 0 || text.Length - from >= value.Length || text[from..].Contains((byte)'\n')))
            {
                ReadOnlySpan<byte> rest = text[from..];
                int end = rest.IndexOf((byte)'\n');
                rest = rest[..Math.Min(end < 0 ? rest.Length : end, value.Length)];
                rest.CopyTo(value);
                length = rest.Length;
                return Errno.None;
            }

            if (count == 0)
            {
                return Errno.None;
            }

            // The label or its value may span two reads.
            kept = isFound ? text.Length - from : Math.Min(label.Length - 1, text.Length);
            text[^kept..].CopyTo(buffer);
        }
    }
}
