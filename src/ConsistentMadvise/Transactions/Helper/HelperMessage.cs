using System.Buffers.Binary;

namespace ConsistentMadvise;

/// <summary>A message from a host to its helper outside the channels: there is a new channel, whose descriptor is attached, or a request is cancelled.</summary>
/// <param name="Channel">The number of the channel.</param>
/// <param name="Cancelled">The number of the cancelled request; 0 for a new channel.</param>
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
