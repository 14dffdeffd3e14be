using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lets tracees go, on the thread that seized them.</summary>
[RunsFrozen]
internal sealed class TraceeRelease(ProcessTarget target, TraceeTable tracees)
{
    /// <summary>One second: how long a killed target's threads are waited for; the end of the tracing thread collects what is left.</summary>
    public static readonly long ReapTicks = Stopwatch.Frequency;

    /// <summary>A millisecond: how long the threads of a target that exits or calls execve(2) are reaped one by one; then the exit of the tracing thread detaches them all at once.</summary>
    public static readonly long EndingTicks = Stopwatch.Frequency / 1000;

    /// <summary>What letting one thread go takes: 11 us (measured for 8 to 512 threads, Linux 6.18).</summary>
    private static readonly long ReleaseTicks = Stopwatch.Frequency / 90_000;

    private int _tracer;

    /// <summary>Whether a tracee is left that only the end of the tracing thread detaches.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>When to begin to let so many threads go, so that all run again shortly after the deadline.</summary>
    public static long LatestBegin(long deadline, int tracees) => deadline - (tracees * ReleaseTicks);

    /// <summary>Notes which thread is the tracer: the calling one.</summary>
    public void Begin() => _tracer = Kernel.ThreadId();

    /// <summary>Detaches every thread: those in a group stop stay in it, signals that were held up are delivered.</summary>
    /// <remarks>
    /// <c>ESRCH</c> means: killed, and to be reaped by its tracer; or not stopped yet. Those are waited for when all others run, and for none before the others. One that
    /// is neither when patience ends is left to the end of this thread.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long patience)
    {
        int left = 0;
        for (int i = 0; i < tracees.Count; i++)
        {
            // One that is not known to have stopped may have, for a signal that it must still be given.
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

    /// <summary>Waits, after the tracing thread has exited, until the kernel has released what that thread could not detach.</summary>
    /// <exception cref="TargetMayBeFrozenException">It still is traced a second later.</exception>
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

    /// <remarks>A thread that was reaped is traced by none. One that cannot be looked at may be.</remarks>
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
