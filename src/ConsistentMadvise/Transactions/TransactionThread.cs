using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>An operating-system thread that runs frozen windows: ptrace knows tracers by thread, and lets go of what one holds when it ends.</summary>
/// <remarks>
/// Idle threads are kept, at most one for each processor, since starting one costs more than a small window. They take no SIGCHLD, by which the kernel
/// tells of each stop: .NET's handler has nothing to do about them, and would run here, in the window, once for each of the target's threads.
/// </remarks>
internal sealed class TransactionThread
{
    private const ulong ChildSignal = 1UL << (Uapi.SIGCHLD - 1);

    private static readonly ConcurrentBag<TransactionThread> Idle = [];

    private readonly object _gate = new();
    private readonly Thread _thread;
    private Func<bool>? _action;
    private bool _mayStay = true;
    private Exception? _failure;

    private TransactionThread()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "ConsistentMadvise" };
        _thread.Start();
    }

    /// <summary>Runs an action on such a thread and waits for it. The action returns false when the thread must end behind it.</summary>
    public static void Run(Func<bool> action)
    {
        TransactionThread thread = Idle.TryTake(out TransactionThread? idle) ? idle : new TransactionThread();
        thread.Do(action);
        if (!thread._mayStay)
        {
            // Once joined, the kernel has let go of what the thread traced: the target runs.
            thread._thread.Join();
        }
        else if (Idle.Count < Environment.ProcessorCount)
        {
            Idle.Add(thread);
        }
        else
        {
            thread.Do(static () => false);
        }

        if (thread._failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Do(Func<bool> action)
    {
        lock (_gate)
        {
            _action = action;
            Monitor.PulseAll(_gate);
            while (_action is not null)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Loop()
    {
        // Where it fails, windows take longer; nothing else.
        _ = Kernel.BlockSignals(ChildSignal);
        lock (_gate)
        {
            while (_mayStay)
            {
                while (_action is null)
                {
                    Monitor.Wait(_gate);
                }

                try
                {
                    _mayStay = _action();
                }
                catch (Exception failure)
                {
                    // Thrown again in the caller. What was left traced, the end of this thread lets go.
                    _failure = failure;
                    _mayStay = false;
                }

                _action = null;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
