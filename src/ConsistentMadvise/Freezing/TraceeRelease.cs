using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lets tracees go, on the thread that seized them.</summary>
internal sealed class TraceeRelease(ProcessTarget target, TraceeTable tracees)
{
    /// <summary>One second: how long a killed target's threads are waited for; the end of the tracing thread collects what is left.</summary>
    public static readonly long ReapTicks = Stopwatch.Frequency;

    private int _tracer;

    /// <summary>Whether a tracee is left that only the end of the tracing thread detaches.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Notes which thread is the tracer: the calling one.</summary>
    public void Begin() => _tracer = Kernel.ThreadId();

    /// <summary>Detaches every thread: those in a group stop stay in it, signals that were held up are delivered.</summary>
    /// <remarks>
    /// <c>ESRCH</c> means: killed, and to be collected by its tracer; or not stopped yet. Who is neither when patience ends is left to the
    /// end of this thread.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long patience)
    {
        int left = 0;
        for (int i = 0; i < tracees.Count; i++)
        {
            if (!Detach(tracees[i], tracees.HeldSignal(i)))
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

    /// <summary>Waits, after the tracing thread has ended, until the kernel has let go of what that thread could not detach.</summary>
    /// <exception cref="TargetMayBeFrozenException">It still is traced a second later.</exception>
    public void Confirm()
    {
        Backoff backoff = default;
        long deadline = Stopwatch.GetTimestamp() + ReapTicks;
        for (int i = 0; i < tracees.Count; i++)
        {
            while (target.Directory.ReadTracer(tracees[i]) == _tracer)
            {
                if (!backoff.Wait(deadline))
                {
                    throw new TargetMayBeFrozenException(
                        target.Pid, FreezerKind.Ptrace, $"Thread {tracees[i]} is still traced by {_tracer}; end this process, and the kernel lets the target run.");
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
                Errno errno = Kernel.WaitTracee(tracees[i], out int waited, out int status);
                WaitStatus change = new(status);
                bool isGone = errno == Errno.ECHILD || (waited != 0 && (!change.IsStopped || Detach(tracees[i], change.PtraceEvent == 0 ? change.StopSignal : 0)));
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

    private bool Detach(int tid, int signal)
    {
        Errno errno = Kernel.Ptrace(Uapi.PTRACE_DETACH, tid, signal);
        return errno.Ok || (errno == Errno.ESRCH ? false : throw new TargetMayBeFrozenException(
            target.Pid, FreezerKind.Ptrace, $"PTRACE_DETACH of thread {tid} failed with {errno}; end this process, and the kernel lets the target run."));
    }
}
