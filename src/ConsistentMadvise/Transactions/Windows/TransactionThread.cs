using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>An operating-system thread that runs frozen windows: ptrace identifies tracers by thread, and detaches a thread's tracees when it exits.</summary>
/// <remarks>
/// Idle threads are kept, at most one for each processor: starting one costs more than a small window. They block SIGCHLD, with which the kernel
/// announces each stop: .NET's handler has nothing to do for these, and would run here, in the window, once for each of the target's threads.
/// </remarks>
internal sealed class TransactionThread
{
    private const ulong ChildSignal = 1UL << (Uapi.SIGCHLD - 1);

    /// <summary>How often the waiting thread checks the working one, in milliseconds: a target that is in execve(2) may wait for that check.</summary>
    private const int LookEvery = 2;

    private static readonly ConcurrentBag<TransactionThread> Idle = [];

    private readonly object _gate = new();
    private readonly Thread _thread;
    private IThreadWork? _work;
    private bool _mayStay = true;
    private Exception? _failure;

    private TransactionThread()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "ConsistentMadvise" };
        _thread.Start();
    }

    /// <summary>Runs an action on such a thread and waits for it. The action returns false if the thread must exit after it.</summary>
    /// <returns>False if the system cannot create another thread, and nothing was run.</returns>
    public static bool TryRun(Func<bool> action) => TryRun(new ActionWork(action), out _);

    /// <summary>Runs work on such a thread, and waits until it is done or given up.</summary>
    /// <param name="work">The work.</param>
    /// <param name="isGivenUp">Whether it was given up: the thread is abandoned.</param>
    /// <returns>False if the system cannot create another thread, and nothing was run.</returns>
    public static bool TryRun(IThreadWork work, out bool isGivenUp)
    {
        isGivenUp = false;
        if (!Idle.TryTake(out TransactionThread? thread) && !TryStart(out thread))
        {
            return false;
        }

        isGivenUp = !thread.TryDo(work);
        if (isGivenUp)
        {
            return true;
        }

        if (!thread._mayStay)
        {
            // Once joined, the kernel has detached the thread's tracees: the target runs.
            thread._thread.Join();
        }
        else if (Idle.Count < Environment.ProcessorCount)
        {
            Idle.Add(thread);
        }
        else
        {
            thread.TryDo(new ActionWork(static () => false));
        }

        if (thread._failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return true;
    }

    private static bool TryStart([NotNullWhen(true)] out TransactionThread? thread)
    {
        try
        {
            thread = new TransactionThread();
            return true;
        }
        catch (Exception failure) when (failure is OutOfMemoryException or ThreadStartException)
        {
            thread = null; // EAGAIN: RLIMIT_NPROC, pids.max of the cgroup, or no memory for its stack
            return false;
        }
    }

    private bool TryDo(IThreadWork work)
    {
        lock (_gate)
        {
            _work = work;
            Monitor.PulseAll(_gate);
            while (_work is not null)
            {
                bool isPulsed = Monitor.Wait(_gate, LookEvery);
                if (!isPulsed && _work is not null && work.GivesUp())
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Loop()
    {
        // If it fails, windows take longer; it has no other effect.
        _ = Kernel.BlockSignals(ChildSignal);
        while (_mayStay)
        {
            IThreadWork work = Take();
            bool mayStay = false;
            try
            {
                mayStay = work.Run(); // outside of the lock, which the waiting thread takes when it checks this one
            }
            catch (Exception failure)
            {
                // Rethrown in the caller. The exit of this thread detaches any remaining tracees.
                _failure = failure;
            }

            lock (_gate)
            {
                _mayStay = mayStay;
                _work = null;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private IThreadWork Take()
    {
        lock (_gate)
        {
            while (_work is null)
            {
                Monitor.Wait(_gate);
            }

            return _work;
        }
    }

    private sealed class ActionWork(Func<bool> action) : IThreadWork
    {
        public bool Run() => action();

        public bool GivesUp() => false;
    }
}
