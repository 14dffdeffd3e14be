using System.Buffers.Text;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The words of one command line.</summary>
/// <remarks>Nothing here throws: the first exception of a process maps resources and moves the layout that the tests compare.</remarks>
internal ref struct Arguments(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;
    private bool _malformed;

    /// <summary>The next word, empty when there is none.</summary>
    public ReadOnlySpan<byte> Word()
    {
        _rest = _rest.TrimStart((byte)' ');
        int end = _rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }

    /// <summary>Takes the next word if it is this one.</summary>
    public bool Takes(ReadOnlySpan<byte> word)
    {
        Arguments ahead = this;
        if (!ahead.Word().SequenceEqual(word))
        {
            return false;
        }

        this = ahead;
        return true;
    }

    /// <summary>An address in hexadecimal without a prefix, as maps prints it.</summary>
    public ulong Address()
    {
        ReadOnlySpan<byte> word = Word();
        _malformed |= !Utf8Parser.TryParse(word, out ulong value, out int used, 'x') || used != word.Length;
        return value;
    }

    /// <summary>A decimal number, possibly negative.</summary>
    public long Number()
    {
        ReadOnlySpan<byte> word = Word();
        _malformed |= !Utf8Parser.TryParse(word, out long value, out int used) || used != word.Length;
        return value;
    }

    /// <summary>A count of at least one, at most a million.</summary>
    public int Count()
    {
        long number = Number();
        _malformed |= number is < 1 or > 1_000_000;
        return (int)number;
    }

    /// <summary>A count of pages, as bytes.</summary>
    public ulong Pages() => (ulong)Count() * Native.PageSize;

    /// <summary>A protection; <c>rw</c> when no word is left.</summary>
    public int Protection()
    {
        if (Takes("rw"u8) || Takes([]))
        {
            return LibC.PROT_READ | LibC.PROT_WRITE;
        }

        if (Takes("r"u8))
        {
            return LibC.PROT_READ;
        }

        if (Takes("rx"u8))
        {
            return LibC.PROT_READ | LibC.PROT_EXEC;
        }

        _malformed |= !Takes("none"u8);
        return LibC.PROT_NONE;
    }

    /// <summary>Whether every word was well-formed and none is left; answers with <c>EINVAL usage</c> otherwise.</summary>
    public readonly bool Accepted(Reply reply)
    {
        if (_malformed || !_rest.Trim((byte)' ').IsEmpty)
        {
            reply.Error(LibC.EINVAL, "usage"u8);
            return false;
        }

        return true;
    }
}
