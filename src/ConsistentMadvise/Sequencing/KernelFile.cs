using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The bytes of a file outside the managed heap: several megabytes that are needed once, for milliseconds.</summary>
internal sealed unsafe class KernelFile : IDisposable
{
    /// <summary>More is no type information: all there is of a large kernel takes 6 MB.</summary>
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
        Errno errno = Kernel.OpenAt(Uapi.AT_FDCWD, Encoding.UTF8.GetBytes(path + "\0"), Uapi.O_RDONLY, out int descriptor);
        if (!errno.Ok)
        {
            return errno;
        }

        using SafeDescriptor opened = new(descriptor);
        errno = Kernel.FileSize(descriptor, out long bytes);
        if (!errno.Ok || bytes is 0 or > MaxBytes)
        {
            return errno.Ok ? Errno.EINVAL : errno;
        }

        // The type information can be mapped since Linux 6.16, privately and not beyond its end: no copy, and no page faults.
        file = Kernel.MapFile(descriptor, (ulong)bytes, out nint address).Ok
            ? new KernelFile((byte*)address, (int)bytes, isMapped: true)
            : new KernelFile((byte*)NativeMemory.Alloc((nuint)bytes), (int)bytes, isMapped: false);
        errno = file._isMapped ? Errno.None : file.Fill(descriptor);
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

    /// <summary>Reads until all is there. A file that is shorter than it said is <see cref="Errno.EINVAL"/>.</summary>
    private Errno Fill(int descriptor)
    {
        int filled = 0;
        while (filled < _count)
        {
            Errno errno = Kernel.Read(descriptor, new Span<byte>(_bytes + filled, _count - filled), out int count);
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
