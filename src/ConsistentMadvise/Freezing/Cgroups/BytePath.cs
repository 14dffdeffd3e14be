using System.Text;

namespace ConsistentMadvise;

/// <summary>A path as the kernel's bytes: file names need not be UTF-8.</summary>
internal readonly struct BytePath : IEquatable<BytePath>
{
    /// <summary>Ends in a zero byte; null for the default value.</summary>
    private readonly byte[]? _bytes;

    public BytePath(ReadOnlySpan<byte> bytes)
        : this(bytes, default)
    {
    }

    /// <summary>Joins two parts of a path.</summary>
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

    /// <summary>Appends another part, which must end in a zero byte if the kernel is to read the path.</summary>
    public byte[] With(ReadOnlySpan<byte> part) => [.. Bytes, .. part];

    public bool Equals(BytePath other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is BytePath other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Returns the path for display; bytes that are not UTF-8 are lost.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
