using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The helper: applies the plans of its host until the host has exited or closed its end of the input.</summary>
/// <remarks>It also tracks its host by pidfd: a child that the host forked keeps the socket open, but is not the host.</remarks>
internal sealed class HelperProgram
{
    private readonly object _gate = new(); // Monitor.Wait needs an object, not a Lock
    private readonly Dictionary<long, HelperSession> _sessions = [];
    private readonly ITransactionProbe? _probe;
    private int _transactions;
    private bool _isEnding;

    private HelperProgram(ITransactionProbe? probe) => _probe = probe;

    /// <summary>Serves until the host has exited or closed its end of the input, then ends the open windows and returns. Returns false, and the reason, if it could not start.</summary>
    /// <param name="host">The pid of the host, its parent.</param>
    /// <param name="ready">Called once it accepts requests, with the line that its host waits for.</param>
    /// <param name="why">Why it could not start.</param>
    /// <param name="probe">Acts at phases, for tests.</param>
    public static bool Run(int host, Action<string> ready, out string why, ITransactionProbe? probe = null)
    {
        PosixSignalRegistration[] ignored = GuardSurroundings.IgnoreSignals();
        GuardSurroundings.SettleHelper();
        Errno errno = Kernel.PidfdOpen(host, out SafeDescriptor process);
        ProcStat stat = default;
        errno = errno.Ok ? ProcFile.ReadStat(Environment.ProcessId, out stat) : errno;
        why = !errno.Ok ? $"its host could not be checked: {errno}" : stat.ParentPid != host ? "its host has exited" : string.Empty;
        if (why.Length != 0)
        {
            return false;
        }

        WindowWarmup.Run();
        HelperProgram program = new(probe);
        ready(HelperStart.ReadyLine(Environment.ProcessId));
        using SafeDescriptor input = Kernel.StandardInput();
        program.Listen(process, input);
        program.EndAll();
        Array.ForEach(ignored, static registration => registration.Dispose());
        return true;
    }

    /// <summary>Begins a transaction, which the program waits for, before it exits, until <see cref="Exit"/>; false if the program is ending.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            _transactions += _isEnding ? 0 : 1;
            return !_isEnding;
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            _transactions--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Removes a session whose channel is closed.</summary>
    public void Leave(HelperSession session)
    {
        lock (_gate)
        {
            foreach ((long number, HelperSession known) in _sessions)
            {
                if (known == session)
                {
                    _sessions.Remove(number);
                    return;
                }
            }
        }
    }

    private void Listen(SafeDescriptor host, SafeDescriptor input)
    {
        Span<byte> bytes = stackalloc byte[HelperMessage.Bytes];
        while (true)
        {
            Errno errno = Kernel.WaitReadable(host, input, -1, out bool hasExited, out bool isReadable);
            if (hasExited || (!errno.Ok && errno != Errno.EINTR))
            {
                return;
            }

            if (!isReadable)
            {
                continue;
            }

            errno = Kernel.Receive(input, bytes, out int count, out SafeDescriptor? socket, out _);
            if (count == 0 || (!errno.Ok && errno != Errno.EINTR))
            {
                return;
            }

            if (count == HelperMessage.Bytes)
            {
                Take(HelperMessage.Read(bytes), socket);
            }
        }
    }

    private void Take(HelperMessage message, SafeDescriptor? socket)
    {
        lock (_gate)
        {
            if (message.Cancelled != 0)
            {
                _sessions.GetValueOrDefault(message.Channel)?.Cancel(message.Cancelled);
            }
            else if (socket is not null)
            {
                HelperSession session = new(new HelperChannel(socket), this, _probe);
                _sessions.Add(message.Channel, session);
                session.Start();
            }
        }
    }

    /// <summary>Cancels running transactions, prevents new ones, and waits for the open windows to end.</summary>
    private void EndAll()
    {
        lock (_gate)
        {
            _isEnding = true;
            foreach (HelperSession session in _sessions.Values)
            {
                session.Cancel(long.MaxValue);
            }

            while (_transactions != 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
