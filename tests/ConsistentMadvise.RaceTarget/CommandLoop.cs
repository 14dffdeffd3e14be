using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Reads commands from one descriptor and answers on another, one line each, with buffers that are made once.</summary>
internal sealed class CommandLoop(int input, int output)
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly Reply _reply = new();
    private int _filled;

    /// <summary>Serves until the input ends, then ends the process: a target never outlives its test.</summary>
    public void Run()
    {
        while (Step())
        {
        }

        LibC._exit(0);
    }

    /// <summary>Says that this process listens now.</summary>
    public void SayReady(int pid)
    {
        _reply.Ready(pid);
        Send();
    }

    /// <summary>Says that the command is done whose handler never returned, since its thread is gone.</summary>
    public void SayOk()
    {
        _reply.Ok();
        Send();
    }

    /// <summary>Serves one command; false at the end of the input.</summary>
    public bool Step()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n')) < 0)
        {
            if (Native.Read(input, _buffer.AsSpan(_filled), out int count) is int errno and not 0)
            {
                if (errno == LibC.EINTR)
                {
                    continue;
                }

                LibC._exit(1);
            }

            if (count == 0)
            {
                return false;
            }

            _filled += count;
        }

        // Taken out before it is served: the handler of `exitmain` leaves this buffer to another thread.
        Span<byte> line = stackalloc byte[end];
        _buffer.AsSpan(0, end).CopyTo(line);
        _buffer.AsSpan(end + 1, _filled - end - 1).CopyTo(_buffer);
        _filled -= end + 1;
        Serve(line);
        Send();
        return true;
    }

    private void Serve(ReadOnlySpan<byte> line)
    {
        Arguments arguments = new(line);
        ReadOnlySpan<byte> name = arguments.Word();
        foreach (ref readonly Command command in CommandTable.All.AsSpan())
        {
            if (name.SequenceEqual(command.Name))
            {
                command.Handler(ref arguments, _reply);
                return;
            }
        }

        _reply.Error(LibC.ENOSYS, "command"u8);
    }

    private void Send()
    {
        ReadOnlySpan<byte> rest = _reply.Line;
        while (!rest.IsEmpty)
        {
            if (Native.Write(output, rest, out int count) != 0)
            {
                LibC._exit(1);
            }

            rest = rest[count..];
        }
    }
}
