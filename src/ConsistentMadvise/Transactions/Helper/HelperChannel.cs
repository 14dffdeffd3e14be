using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One end of a connection between a host and its helper. A message is a length (four bytes, little-endian) and that many bytes of UTF-8.</summary>
/// <remarks>Used by one thread at a time. A connection carries one transaction at a time, so that no transaction waits for another's plan.</remarks>
internal sealed class HelperChannel(SafeDescriptor socket) : IDisposable
{
    private const int LengthBytes = sizeof(int);

    /// <summary>Buffers that one large plan made larger than this are not kept.</summary>
    private const int MaxKeptBytes = 1024 * 1024;

    private readonly byte[] _length = new byte[LengthBytes];
    private ArrayBufferWriter<byte> _outgoing = new(4096);
    private byte[] _incoming = new byte[4096];
    private Utf8JsonWriter? _json;

    public SafeDescriptor Socket => socket;

    /// <summary>Begins a message, to be written with the returned writer.</summary>
    public Utf8JsonWriter Begin()
    {
        if (_outgoing.Capacity > MaxKeptBytes)
        {
            _outgoing = new ArrayBufferWriter<byte>(4096);
            _json = null;
        }

        _outgoing.ResetWrittenCount();
        _outgoing.GetSpan(LengthBytes)[..LengthBytes].Clear();
        _outgoing.Advance(LengthBytes);
        _json ??= new Utf8JsonWriter(_outgoing);
        _json.Reset(_outgoing);
        return _json;
    }

    /// <summary>Ends one part of the message, so that another can be written. Returns the length so far.</summary>
    public int EndPart()
    {
        _json!.Flush();
        _json.Reset();
        return _outgoing.WrittenCount - LengthBytes;
    }

    /// <summary>Appends a number as four bytes, little-endian.</summary>
    public void Add(int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_outgoing.GetSpan(sizeof(int)), number);
        _outgoing.Advance(sizeof(int));
    }

    /// <summary>Sends the message that was begun; false if the other end is closed, or the message is longer than the other end accepts.</summary>
    public bool TrySend(SafeDescriptor? first = null, SafeDescriptor? second = null)
    {
        _json!.Flush();
        ReadOnlyMemory<byte> message = _outgoing.WrittenMemory;
        Span<byte> whole = System.Runtime.InteropServices.MemoryMarshal.AsMemory(message).Span;
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length - LengthBytes);
        bool isFirst = true;
        while (whole.Length > 0)
        {
            Errno errno = Kernel.Send(socket, whole, isFirst ? first : null, isFirst ? second : null, out int count);
            if (!errno.Ok && errno != Errno.EINTR)
            {
                return false;
            }

            isFirst &= !errno.Ok;
            whole = whole[Math.Max(0, count)..];
        }

        return true;
    }

    /// <summary>Receives a message, which is valid until the next one; false if the other end is closed.</summary>
    public bool TryReceive(out ReadOnlyMemory<byte> message, out SafeDescriptor? first, out SafeDescriptor? second)
    {
        message = default;
        if (!TryFill(_length, out first, out second))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(_length);
        if (length < 0)
        {
            return false;
        }

        if (_incoming.Length < length || _incoming.Length > MaxKeptBytes)
        {
            _incoming = new byte[Math.Max(length, 4096)];
        }

        message = _incoming.AsMemory(0, length);
        return TryFill(_incoming.AsSpan(0, length), out _, out _);
    }

    public void Dispose()
    {
        _json?.Dispose();
        socket.Dispose();
    }

    private bool TryFill(Span<byte> buffer, out SafeDescriptor? first, out SafeDescriptor? second)
    {
        first = null;
        second = null;
        while (buffer.Length > 0)
        {
            Errno errno = Kernel.Receive(socket, buffer, out int count, out SafeDescriptor? one, out SafeDescriptor? other);
            if (count == 0 || (!errno.Ok && errno != Errno.EINTR))
            {
                return false;
            }

            first ??= one;
            second ??= other;
            buffer = buffer[Math.Max(0, count)..];
        }

        return true;
    }
}
