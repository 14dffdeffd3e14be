using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Reads what forbids holding a process from a <c>/proc/PID/status</c> that is kept open: opening it costs more than reading it (proc_pid_status(5)).</summary>
[RunsFrozen]
internal sealed class TracerFile : IDisposable
{
    private const int TextBytes = 4096;

    private readonly ProcessTarget _target;
    private readonly SafeDescriptor _status;

    public TracerFile(ProcessTarget target)
    {
        _target = target;
        target.Directory.OpenFile("status\0"u8, out SafeDescriptor status); // if it cannot be opened, reading it returns EBADF
        _status = status;
    }

    /// <summary>Whether no process traces the thread-group leader and no core is being dumped; if false, the refusal names which.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MayBeHeld(out TransactionStop refusal)
    {
        Span<byte> text = stackalloc byte[TextBytes];
        Errno errno = Kernel.ReadAt(_status, text, 0, out int count);
        ThreadLook look = default;
        errno = errno.Ok ? ThreadLook.Parse(text[..count], out look) : errno;
        bool dumpsCore = false;
        errno = errno.Ok ? DumpsCore(text[..count], out dumpsCore) : errno;
        refusal = !errno.Ok ? TransactionStop.Unreadable(_target, errno)
            : dumpsCore ? TransactionStop.Refused(HintReason.DumpingCore, _target.Pid)
            : TransactionStop.Refused(HintReason.TracedByAnother, look.Tracer);
        return errno.Ok && !dumpsCore && look.Tracer == 0;
    }

    /// <summary>Reads the pending signals of the process as a whole, one bit each, signal 1 first (<c>ShdPnd</c>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Errno ReadPending(out ulong signals)
    {
        Span<byte> value = stackalloc byte[16];
        signals = 0;
        Errno errno = Find("\nShdPnd:\t"u8, value, out int length);
        return errno.Ok && !Utf8Parser.TryParse(value[..length], out signals, out _, 'x') ? Errno.ESRCH : errno;
    }

    public void Dispose() => _status.Dispose();

    /// <remarks>The line exists since Linux 4.15.</remarks>
    private Errno DumpsCore(ReadOnlySpan<byte> text, out bool dumpsCore)
    {
        ReadOnlySpan<byte> label = "\nCoreDumping:\t"u8;
        int at = text.IndexOf(label);
        dumpsCore = at >= 0 && at + label.Length < text.Length && text[at + label.Length] == '1';
        if (at >= 0 || text.Length < TextBytes)
        {
            return Errno.None;
        }

        // The line of supplementary groups can be longer than any buffer here.
        Span<byte> value = stackalloc byte[1];
        Errno errno = Find(label, value, out int length);
        dumpsCore = length == 1 && value[0] == '1';
        return errno;
    }

    private Errno Find(ReadOnlySpan<byte> label, Span<byte> value, out int length)
    {
        length = 0;
        Errno errno = _target.Directory.OpenFile("status\0"u8, out LocalFile status);
        using (status)
        {
            return errno.Ok ? ProcStatus.Find(in status, label, value, out length) : errno;
        }
    }
}
