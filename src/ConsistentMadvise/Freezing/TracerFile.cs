using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Tells who traces a process, from a <c>/proc/PID/status</c> that is kept open: opening it costs more than reading it (proc_pid_status(5)).</summary>
internal sealed class TracerFile : IDisposable
{
    private readonly SafeDescriptor _status;

    public TracerFile(ProcessTarget target)
    {
        target.Directory.OpenFile("status\0"u8, out int status); // of a process that has ended there is none: nobody traces it
        _status = new SafeDescriptor(status);
    }

    /// <summary>The process that traces the main thread; 0 when nobody does or it is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Read()
    {
        Span<byte> text = stackalloc byte[512]; // the line is the eighth
        int at = Kernel.ReadAt(_status.Value, text, 0, out int count).Ok ? text[..count].IndexOf("TracerPid:\t"u8) : -1;
        return at >= 0 && Utf8Parser.TryParse(text[(at + 11)..count], out int tracer, out _) ? tracer : 0;
    }

    public void Dispose() => _status.Dispose();
}
