using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Detaches tracees, on the thread that seized them.</summary>
[RunsFrozen]
internal sealed class TraceeRelease(ProcessTarget target, TraceeTable tracees)
{
    /// <summary>One second: how long to wait for the threads of a killed target; the exit of the tracing thread reaps the rest.</summary>
    public static readonly long ReapTicks = Stopwatch.Frequency;

    /// <summary>A millisecond: how long to reap the threads of a target that exits or calls execve(2) one by one; after that, the exit of the tracing thread detaches all at once.</summary>
    public static readonly long EndingTicks = Stopwatch.Frequency / 1000;

    /// <summary>The time to detach one thread: 11 us (measured for 8 to 512 threads, Linux 6.18).</summary>
    private static readonly long ReleaseTicks = Stopwatch.Frequency / 90_000;

    private int _tracer;

    /// <summary>Whether a tracee is left that only the exit of the tracing thread detaches.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>When to start detaching so that every tracee runs again shortly after the deadline.</summary>
    public static long LatestBegin(long deadline, int tracees) => deadline - (tracees * ReleaseTicks);

    /// <summary>Records the calling thread as the tracer.</summary>
    public void Begin() => _tracer = Kernel.ThreadId();

    /// <summary>Detaches every thread: threads in a group stop stay in it, and withheld signals are delivered.</summary>
    /// <remarks>
    /// <c>ESRCH</c> means that the tracee was killed and its tracer must reap it, or that it has not stopped yet. Such tracees are waited for only after all others run. A
    /// tracee that has done neither when the patience runs out is left to the exit of this thread.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long patience)
    {
        int left = 0;
        for (int i = 0; i < tracees.Count; i++)
        {
            // A tracee that is not known to have stopped may still have stopped for a signal, which must be delivered to it.
            int signal = tracees.HeldSignal(i);
            bool hasStopped = tracees.HasStopped(i) || TakenStop.Find(tracees[i], out signal);
            if (!hasStopped || !Detach(tracees[i], signal))
            {
                tracees.Move(i, left++);
            }
        }

        tracees.Truncate(left);
        if (left != 0)
        {
            CollectLate(Stopwatch.GetTimestamp() + patience);
        }
    }

    /// <summary>Waits, after the tracing thread has exited, until the kernel has detached what that thread could not.</summary>
    /// <exception cref="TargetMayBeFrozenException">A thread is still traced a second later.</exception>
    public void Confirm()
    {
        Backoff backoff = default;
        long deadline = Stopwatch.GetTimestamp() + ReapTicks;
        for (int i = 0; i < tracees.Count; i++)
        {
            while (IsStillTraced(tracees[i]))
            {
                if (!backoff.Wait(deadline))
                {
                    throw new TargetMayBeFrozenException(
                        target.Pid, FreezerKind.Ptrace, $"Thread {tracees[i]} is still traced by {_tracer}; end this process, and the kernel thaws the target.");
                }
            }
        }
    }

    private void CollectLate(long deadline)
    {
        Backoff backoff = default;
        do
        {
            for (int i = 0; i < tracees.Count;)
            {
                int signal = 0;
                Errno errno = Kernel.WaitTracee(tracees[i], out int waited, out int status);
                WaitStatus change = new(status);
                bool isTaken = waited == 0 && errno.Ok && TakenStop.Find(tracees[i], out signal);
                bool isGone = errno == Errno.ECHILD
                    || (isTaken && Detach(tracees[i], signal))
                    || (waited != 0 && (!change.IsStopped || Detach(tracees[i], change.PtraceEvent == 0 ? change.StopSignal : 0)));
                if (isGone)
                {
                    tracees.Remove(i);
                }
                else
                {
                    i++;
                }
            }
        }
        while (tracees.Count != 0 && backoff.Wait(deadline));
        IsIncomplete = tracees.Count != 0;
    }

    /// <remarks>A reaped thread has no tracer. A thread that cannot be checked may have one.</remarks>
    private bool IsStillTraced(int tid)
    {
        Errno errno = target.Directory.ReadTracer(tid, out int tracer);
        return errno.Ok ? tracer == _tracer : errno != Errno.ENOENT && errno != Errno.ESRCH && !target.HasExited;
    }

    private bool Detach(int tid, int signal)
    {
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_DETACH, tid, signal);
        return errno.Ok || (errno == Errno.ESRCH ? false : throw new TargetMayBeFrozenException(
            target.Pid, FreezerKind.Ptrace, $"PTRACE_DETACH of thread {tid} failed with {errno}; end this process, and the kernel thaws the target."));
    }
}
