namespace ConsistentMadvise.Interop;

/// <summary>A small text file of the kernel.</summary>
internal static class KernelText
{
    /// <summary><c>openat(2)</c>, <c>read(2)</c> - the start of the file, up to the buffer's length. The path is zero-terminated.</summary>
    public static Errno Read(ReadOnlySpan<byte> path, Span<byte> text, out int count)
    {
        count = 0;
        Errno errno = Kernel.Open(path, Uapi.O_RDONLY, out LocalFile file);
        using (file)
        {
            errno = errno.Ok ? Kernel.Read(in file, text, out count) : errno;
            count = Math.Max(count, 0);
            return errno;
        }
    }
}
