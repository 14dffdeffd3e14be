using System.IO.Hashing;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Hashes the text of a maps descriptor without parsing it. Allocates only in its constructor; not thread-safe.</summary>
[RunsFrozen]
internal sealed class MapsHasher
{
    /// <summary>One read returns at most a page, or one longer line; collecting several saves calls into the hash.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>With less free space, a read might return part of a line and the next read the rest, at another moment.</summary>
    private const int MinimumRoom = 16 * 1024;

    private readonly XxHash128 _hash = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Hashes from the descriptor's position to the end. <paramref name="vmas"/> is 0 if the address space is gone.</summary>
    /// <param name="maps">The descriptor.</param>
    /// <param name="hash">The hash of what was read.</param>
    /// <param name="vmas">The lines that were read.</param>
    /// <param name="most">Past this many lines reading stops: the text cannot match, and may never end.</param>
    /// <param name="limit">Throws if the text has more lines than possible; null for no bound.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public Errno Hash(SafeDescriptor maps, out UInt128 hash, out int vmas, int most = int.MaxValue, LineLimit? limit = null, CancellationToken cancellationToken = default)
    {
        Begin(out hash, out vmas, out int filled);
        while (true)
        {
            Errno errno = Kernel.Read(maps, _buffer.AsSpan(filled), out int count);
            if (errno != Errno.EINTR && (!errno.Ok || Append(count, most, ref filled, ref vmas, ref hash)))
            {
                return errno;
            }

            limit?.Check(vmas);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The same for a file that the calling method opened.</summary>
    public Errno Hash(in LocalFile maps, out UInt128 hash, out int vmas, int most = int.MaxValue)
    {
        Begin(out hash, out vmas, out int filled);
        while (true)
        {
            Errno errno = Kernel.Read(in maps, _buffer.AsSpan(filled), out int count);
            if (errno != Errno.EINTR && (!errno.Ok || Append(count, most, ref filled, ref vmas, ref hash)))
            {
                return errno;
            }
        }
    }

    private void Begin(out UInt128 hash, out int vmas, out int filled)
    {
        _hash.Reset();
        hash = default;
        vmas = 0;
        filled = 0;
    }

    /// <summary>Takes the result of one read; returns true at the end, or if enough was read.</summary>
    private bool Append(int count, int most, ref int filled, ref int vmas, ref UInt128 hash)
    {
        filled += count;
        if (count == 0 || BufferBytes - filled < MinimumRoom)
        {
            ReadOnlySpan<byte> text = _buffer.AsSpan(0, filled);
            _hash.Append(text);
            vmas += text.Count((byte)'\n');
            filled = 0;
        }

        bool isEnough = count == 0 || vmas > most;
        if (isEnough)
        {
            hash = _hash.GetCurrentHashAsUInt128();
        }

        return isEnough;
    }
}
