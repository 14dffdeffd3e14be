using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>What a freeze must know about one thread, from its <c>status</c> (proc_pid_status(5)).</summary>
/// <param name="State">The state letter.</param>
/// <param name="Tracer">The tid of its tracer; 0 if it has none.</param>
[RunsFrozen]
internal readonly record struct ThreadLook(char State, int Tracer)
{
    /// <summary>Room for the lines up to the tracer's, which is the eighth. A name of 15 bytes takes at most 60 bytes when escaped.</summary>
    public const int TextBytes = 512;

    /// <summary>Whether the thread is in a group stop that only <c>SIGCONT</c> ends. A traced thread, or one in a tracing stop (<c>t</c>), can be continued by its tracer at any time.</summary>
    public bool IsStopped => State == 'T' && Tracer == 0;

    /// <summary>Whether the thread will run no more code.</summary>
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
