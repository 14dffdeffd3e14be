using System.Text;

namespace ConsistentMadvise;

/// <summary>A path as the bytes that the kernel knows: names need not be UTF-8.</summary>
internal readonly struct BytePath : IEquatable<BytePath>
{
    /// <summary>With the zero byte at its end; null for the default.</summary>
    private readonly byte[]? _bytes;

    public BytePath(ReadOnlySpan<byte> bytes)
        : this(bytes, default)
    {
    }

    /// <summary>Two parts of a path, one after the other.</summary>
    public BytePath(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        _bytes = new byte[first.Length + second.Length + 1];
        first.CopyTo(_bytes);
        second.CopyTo(_bytes.AsSpan(first.Length));
    }

    public BytePath(string text) => _bytes = Encoding.UTF8.GetBytes($"{text}\0");

    public ReadOnlySpan<byte> Bytes => _bytes is null ? default : _bytes.AsSpan(0, _bytes.Length - 1);

    /// <summary>The path with a zero byte at its end, as the kernel reads it.</summary>
    public ReadOnlySpan<byte> Terminated => _bytes ?? "\0"u8;

    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>The path followed by another part, which ends in a zero byte where the kernel is to read it.</summary>
    public byte[] With(ReadOnlySpan<byte> part) => [.. Bytes, .. part];

    public bool Equals(BytePath other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is BytePath other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Returns the path for people; what is not UTF-8 in it is lost.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
