using System.Buffers.Text;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The answer to one command, in a buffer that is made once: <c>ok [values]</c> or <c>error ERRNO what</c>.</summary>
internal sealed class Reply
{
    private readonly byte[] _text = new byte[256];
    private int _length;

    /// <summary>The line to send, with its newline.</summary>
    public ReadOnlySpan<byte> Line => _text.AsSpan(0, _length);

    public Reply Ok()
    {
        _length = 0;
        return Append("ok\n"u8);
    }

    /// <summary>The line that says that a target listens.</summary>
    public void Ready(int pid)
    {
        _length = 0;
        Append("ready\n"u8).Number(pid);
    }

    /// <summary>Adds a decimal number to the line.</summary>
    public Reply Number(long value)
    {
        Utf8Formatter.TryFormat(value, OpenWord(), out int written);
        return CloseWord(written);
    }

    /// <summary>Adds an address to the line, in hexadecimal without a prefix.</summary>
    public Reply Address(ulong value)
    {
        Utf8Formatter.TryFormat(value, OpenWord(), out int written, 'x');
        return CloseWord(written);
    }

    public void Error(int errno, ReadOnlySpan<byte> what)
    {
        _length = 0;
        Append("error\n"u8);
        ReadOnlySpan<byte> name = ErrnoName.Of(errno);
        if (name.IsEmpty)
        {
            Number(errno);
        }
        else
        {
            Word(name);
        }

        Word(what);
    }

    /// <summary><c>ok</c>, or the error of a call that answers nothing else.</summary>
    public void From(int errno, ReadOnlySpan<byte> what)
    {
        if (errno == 0)
        {
            Ok();
        }
        else
        {
            Error(errno, what);
        }
    }

    /// <summary>The same for a call that answers an address.</summary>
    public void From(int errno, ulong address, ReadOnlySpan<byte> what)
    {
        if (errno == 0)
        {
            Ok().Address(address);
        }
        else
        {
            Error(errno, what);
        }
    }

    private void Word(ReadOnlySpan<byte> word)
    {
        word.CopyTo(OpenWord());
        CloseWord(word.Length);
    }

    private Span<byte> OpenWord()
    {
        _text[_length - 1] = (byte)' ';
        return _text.AsSpan(_length);
    }

    private Reply CloseWord(int written)
    {
        _length += written;
        return Append("\n"u8);
    }

    private Reply Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
        return this;
    }
}
