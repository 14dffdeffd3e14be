using System.Buffers.Binary;

namespace ConsistentMadvise;

/// <summary>What a host says to its helper beside the channels: that there is a new one, whose descriptor comes with it, or that a request is cancelled.</summary>
/// <param name="Channel">The number of the channel.</param>
/// <param name="Cancelled">The number of the request that is cancelled; 0 for a new channel.</param>
internal readonly record struct HelperMessage(long Channel, long Cancelled)
{
    public const int Bytes = 2 * sizeof(long);

    public static HelperMessage Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Channel);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], Cancelled);
    }
}
