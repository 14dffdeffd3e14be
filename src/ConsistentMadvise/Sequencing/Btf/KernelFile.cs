using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The bytes of a file, outside the managed heap: several megabytes, needed once for milliseconds.</summary>
internal sealed unsafe class KernelFile : IDisposable
{
    /// <summary>Larger files are refused: the BTF of a large kernel takes 6 MB.</summary>
    private const long MaxBytes = 128 * 1024 * 1024;

    private readonly bool _isMapped;
    private readonly int _count;
    private byte* _bytes;

    private KernelFile(byte* bytes, int count, bool isMapped)
    {
        _bytes = bytes;
        _count = count;
        _isMapped = isMapped;
    }

    /// <summary>The bytes, until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes is null ? default : new(_bytes, _count);

    /// <summary>Opens a file as a whole.</summary>
    public static Errno Open(string path, out KernelFile? file)
    {
        file = null;
        Errno errno = Kernel.Open(Encoding.UTF8.GetBytes(path + "\0"), Uapi.O_RDONLY, out SafeDescriptor opened);
        using SafeDescriptor source = opened;
        if (!errno.Ok)
        {
            return errno;
        }

        errno = Kernel.FileSize(source, out long bytes);
        if (!errno.Ok || bytes is 0 or > MaxBytes)
        {
            return errno.Ok ? Errno.EINVAL : errno;
        }

        // Since Linux 6.16 BTF can be mapped, privately and not past its end: no copy, and no page faults.
        file = Kernel.MapFile(source, (ulong)bytes, out nint address).Ok
            ? new KernelFile((byte*)address, (int)bytes, isMapped: true)
            : new KernelFile((byte*)NativeMemory.Alloc((nuint)bytes), (int)bytes, isMapped: false);
        errno = file._isMapped ? Errno.None : file.Fill(source);
        if (!errno.Ok)
        {
            file.Dispose();
            file = null;
        }

        return errno;
    }

    public void Dispose()
    {
        if (_bytes is null)
        {
            return;
        }

        if (_isMapped)
        {
            Kernel.Unmap((nint)_bytes, (ulong)_count);
        }
        else
        {
            NativeMemory.Free(_bytes);
        }

        _bytes = null;
    }

    /// <summary>Reads the whole file; <see cref="Errno.EINVAL"/> if it is shorter than its size.</summary>
    private Errno Fill(SafeDescriptor source)
    {
        int filled = 0;
        while (filled < _count)
        {
            Errno errno = Kernel.Read(source, new Span<byte>(_bytes + filled, _count - filled), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok || count == 0)
            {
                return errno.Ok ? Errno.EINVAL : errno;
            }

            filled += count;
        }

        return Errno.None;
    }
}
