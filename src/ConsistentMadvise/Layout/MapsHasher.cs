using System.IO.Hashing;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Hashes the text behind a maps descriptor without looking into it. Allocates nothing after its construction; for one thread.</summary>
internal sealed class MapsHasher
{
    /// <summary>One read returns at most a page, or one longer line; room for several of those saves calls into the hash.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>Below this much room a read might return part of a line, whose rest is read at another moment.</summary>
    private const int MinimumRoom = 16 * 1024;

    private readonly XxHash128 _hash = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Hashes from the descriptor's position to the end. <paramref name="vmas"/> is 0 when the address space is gone.</summary>
    public Errno Hash(int maps, out UInt128 hash, out int vmas)
    {
        _hash.Reset();
        vmas = 0;
        hash = default;
        int filled = 0;
        while (true)
        {
            Errno errno = Kernel.Read(maps, _buffer.AsSpan(filled), out int count);
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (!errno.Ok)
            {
                return errno;
            }

            filled += count;
            if (count == 0 || BufferBytes - filled < MinimumRoom)
            {
                ReadOnlySpan<byte> text = _buffer.AsSpan(0, filled);
                _hash.Append(text);
                vmas += text.Count((byte)'\n');
                filled = 0;
            }

            if (count == 0)
            {
                hash = _hash.GetCurrentHashAsUInt128();
                return Errno.None;
            }
        }
    }
}
