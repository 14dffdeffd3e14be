using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace ConsistentMadvise.Cli;

/// <summary>Lets job control (Ctrl-Z, a read or write of the terminal in the background) stop the command only while no target is frozen.</summary>
/// <remarks>Signals ignored at start stay ignored, and the kernel decides whether a stop has an effect: in an orphaned process group it has none.</remarks>
internal sealed class JobControlSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];

    public JobControlSignals()
    {
        ulong ignored = ReadIgnored();
        foreach (int number in new[] { LibC.SIGTSTP, LibC.SIGTTIN, LibC.SIGTTOU })
        {
            if ((ignored & (1ul << (number - 1))) == 0)
            {
                _registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
                {
                    context.Cancel = true;
                    FrozenWindows.RunOutside(() => Stop(number));
                }));
            }
        }
    }

    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());

    /// <summary>Stops the process by the default action of the signal; returns once continued.</summary>
    private static unsafe void Stop(int signal)
    {
        const int MostBytes = 256; // struct sigaction takes 152 bytes; its first word is the handler, and zeros are SIG_DFL without flags
        byte* byDefault = stackalloc byte[MostBytes];
        byte* before = stackalloc byte[MostBytes];
        new Span<byte>(byDefault, MostBytes).Clear();
        if (LibC.sigaction(signal, byDefault, before) == 0)
        {
            _ = LibC.raise(signal); // to this thread, which stops before the call returns
            _ = LibC.sigaction(signal, before, null);
        }
    }

    private static ulong ReadIgnored()
    {
        try
        {
            ReadOnlySpan<byte> text = File.ReadAllBytes("/proc/self/status");
            int at = text.IndexOf("\nSigIgn:\t"u8);
            return at >= 0 && Utf8Parser.TryParse(text[(at + 9)..], out ulong ignored, out _, 'x') ? ignored : 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return 0; // no procfs: then there is no target either
        }
    }
}
