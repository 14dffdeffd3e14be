using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads a kernel file from start to end, and reports failures as an errno instead of an exception.</summary>
internal static class WholeFile
{
    private const int FirstRead = 4096;
    private const int MaxText = 1 << 16;

    [ThreadStatic]
    private static byte[]? s_first;

    /// <summary>Reads the file at a zero-terminated path.</summary>
    public static Errno Read(ReadOnlySpan<byte> path, int limit, out byte[] text)
    {
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out SafeDescriptor file);
        using (file)
        {
            text = [];
            return errno.Ok ? Read(file, limit, out text) : errno;
        }
    }

    /// <summary>Reads a small text from a zero-terminated path, without the trailing newline.</summary>
    public static Errno ReadText(ReadOnlySpan<byte> path, out string text)
    {
        Errno errno = Read(path, MaxText, out byte[] bytes);
        text = Encoding.UTF8.GetString(bytes).TrimEnd();
        return errno;
    }

    /// <summary>Reads an open file. Returns <c>EFBIG</c> if it is longer than the limit.</summary>
    public static Errno Read(SafeDescriptor file, int limit, out byte[] text)
    {
        Errno errno = ReadHere(file, limit, out ReadOnlySpan<byte> read);
        text = read.ToArray();
        return errno;
    }

    /// <summary>Reads an open file without a copy: the text is valid until the calling thread reads another file.</summary>
    public static Errno ReadHere(SafeDescriptor file, int limit, out ReadOnlySpan<byte> text)
    {
        byte[] buffer = limit < FirstRead ? new byte[limit] : s_first ??= new byte[FirstRead];
        int length = 0;
        text = [];
        while (true)
        {
            Errno errno = Kernel.ReadAt(file, buffer.AsSpan(length), length, out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                text = errno.Ok ? buffer.AsSpan(0, length) : [];
                return errno;
            }

            length += count;
            if (length == buffer.Length)
            {
                if (length >= limit)
                {
                    return Errno.EFBIG;
                }

                Array.Resize(ref buffer, (int)Math.Min((long)length * 2, limit));
            }
        }
    }
}
