using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>What a freeze must know of one thread, from its <c>status</c> (proc_pid_status(5)).</summary>
/// <param name="State">The letter of its state.</param>
/// <param name="Tracer">The thread that traces it; 0 when none does.</param>
[RunsFrozen]
internal readonly record struct ThreadLook(char State, int Tracer)
{
    /// <summary>Room for the lines up to the tracer's, which is the eighth. A name of 15 bytes takes at most 60 when it is escaped.</summary>
    public const int TextBytes = 512;

    /// <summary>In a group stop that only <c>SIGCONT</c> ends. In a tracing stop (<c>t</c>), or traced at all, its tracer continues it whenever it likes.</summary>
    public bool IsStopped => State == 'T' && Tracer == 0;

    /// <summary>It will run no more code.</summary>
    public bool HasExited => State is 'Z' or 'X';

    public static Errno Parse(ReadOnlySpan<byte> text, out ThreadLook look)
    {
        ReadOnlySpan<byte> state = After(text, "\nState:\t"u8);
        ReadOnlySpan<byte> tracer = After(text, "\nTracerPid:\t"u8);
        look = default;
        if (state.IsEmpty || !Utf8Parser.TryParse(tracer, out int pid, out _))
        {
            return Errno.ESRCH;
        }

        look = new ThreadLook((char)state[0], pid);
        return Errno.None;
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        int at = text.IndexOf(label);
        return at < 0 ? default : text[(at + label.Length)..];
    }
}
