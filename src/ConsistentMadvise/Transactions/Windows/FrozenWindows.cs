using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Runs actions while this process holds no target.</summary>
[RunsFrozen]
public static class FrozenWindows
{
    private static readonly Lock Turn = new();
    private static readonly object Gate = new();
    private static int s_open;
    private static int s_isClosed;

    /// <summary>Runs an action while no window of this process is open: waits for open windows, and keeps new ones from beginning until it returns.</summary>
    /// <param name="action">What must not happen inside a window, such as stopping this process. It must not apply hints.</param>
    /// <remarks>
    /// For signals that stop the whole process (Ctrl-Z: <c>SIGTSTP</c>, <c>SIGTTIN</c>, <c>SIGTTOU</c>): if the process is stopped in a window, its target stays frozen. The library
    /// does not change how a signal is handled; a host that wants to be stopped between windows handles these, and stops itself here, as <c>cmadvise</c> does. <c>SIGSTOP</c> cannot be handled. Waits as
    /// long as a freeze and a window may take: <see cref="HintOptions.FreezeTimeout"/>, <see cref="HintOptions.MaxPause"/>.
    /// </remarks>
    public static void RunOutside(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (Turn)
        {
            try
            {
                lock (Gate)
                {
                    Interlocked.Exchange(ref s_isClosed, 1); // a fence: a thread that enters from now on sees the flag, or is seen itself
                    while (Volatile.Read(ref s_open) != 0)
                    {
                        Monitor.Wait(Gate);
                    }
                }

                action();
            }
            finally
            {
                lock (Gate)
                {
                    Volatile.Write(ref s_isClosed, 0);
                    Monitor.PulseAll(Gate);
                }
            }
        }
    }

    /// <summary>Whether an action is waiting for windows to end, or is running.</summary>
    internal static bool IsAwaited => Volatile.Read(ref s_isClosed) != 0;

    /// <summary>Begins a window.</summary>
    internal static void Enter()
    {
        Interlocked.Increment(ref s_open);
        while (Volatile.Read(ref s_isClosed) != 0)
        {
            Leave();
            lock (Gate)
            {
                while (Volatile.Read(ref s_isClosed) != 0)
                {
                    Monitor.Wait(Gate);
                }
            }

            Interlocked.Increment(ref s_open);
        }
    }

    /// <summary>Ends the window.</summary>
    internal static void Leave()
    {
        if (Interlocked.Decrement(ref s_open) == 0 && Volatile.Read(ref s_isClosed) != 0)
        {
            lock (Gate)
            {
                Monitor.PulseAll(Gate);
            }
        }
    }
}
