using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>Stdout or stderr. .NET's own stream does not report that the reader has gone.</summary>
internal sealed unsafe class StandardOutput(int number) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OutputException">It cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = buffer)
            {
                written = LibC.write(number, bytes, (nuint)buffer.Length);
            }

            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LibC.EINTR:
                    break;
                case LibC.EAGAIN: // another process made the shared pipe or terminal non-blocking
                    Poll(LibC.POLLOUT);
                    break;
                case int errno:
                    throw new OutputException(errno);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Returns once the reader of a pipe, or the terminal, has gone; never for a file.</summary>
    public void AwaitReaderGone() => Poll(0);

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Poll(short events)
    {
        LibC.PollDescriptor poll = new() { fd = number, events = events };
        while (LibC.poll(&poll, 1, -1) < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR)
        {
            // A signal that is handled elsewhere.
        }
    }
}
