using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits until all seized threads have stopped, on the thread that seized them; never blocks on a single one.</summary>
/// <remarks>
/// A thread in execve(2), and the kernel when it ends a killed process, wait until every other thread was reaped by its tracer (<c>de_thread</c>
/// in <c>fs/exec.c</c>, <c>wait_task_zombie</c> in <c>kernel/exit.c</c>): a tracer that waits for that one thread first waits forever. So each turn polls every thread that has not stopped,
/// and a held thread that has exited ends the wait. Only a kill of the process or an exec ends a held thread.
/// </remarks>
internal sealed class TraceeWait(TraceeTable tracees)
{
    /// <summary>Every so many turns, tracees that no wait reports are checked: another thread may have received the stop.</summary>
    private const int TurnsPerLook = 16;

    /// <summary><see cref="TransactionStop.None"/> once every tracee has stopped or exited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Run(long deadline)
    {
        Backoff backoff = default;
        for (int turn = 1; ; turn++)
        {
            int before = tracees.CountStopped;
            TransactionStop result = AskAll(seeksTaken: turn % TurnsPerLook == 0, out int late);
            if (!result.IsNone || late == 0)
            {
                return result;
            }

            if (tracees.CountStopped != before)
            {
                backoff = default;
            }

            result = FindHeldExited();
            if (!result.IsNone)
            {
                return result;
            }

            if (!backoff.Wait(deadline))
            {
                return TransactionStop.TimedOut(late);
            }
        }
    }

    /// <summary>Runs the code of the wait without an effect. The table is empty before and after it.</summary>
    public void WarmUp()
    {
        tracees.Add(Environment.ProcessId); // no thread waits for its own process: ECHILD
        Run(long.MaxValue);
        AskAll(seeksTaken: true, out _);
        TakenStop.Find(0, out _);
        FindHeldExited();
        LookAtEachHeld();
        tracees.Truncate(0);
    }

    /// <summary>Polls each tracee that has not stopped, once.</summary>
    /// <param name="seeksTaken">Whether to check tracees that no wait reports.</param>
    /// <param name="late">A tracee that has neither stopped nor exited; 0 if there is none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop AskAll(bool seeksTaken, out int late)
    {
        TransactionStop result = TransactionStop.None;
        late = 0;
        for (int i = 0; i < tracees.Count;)
        {
            if (tracees.HasStopped(i))
            {
                i++;
                continue;
            }

            int tid = tracees[i];
            Errno errno = Kernel.WaitTracee(tid, out int waited, out int status);
            if (seeksTaken && waited == 0 && errno.Ok && TakenStop.Find(tid, out int taken))
            {
                errno = Kernel.WaitTracee(tid, out waited, out status); // it may have stopped since
                if (waited == 0 && errno.Ok)
                {
                    tracees.Stop(i++, taken);
                    continue;
                }
            }

            WaitStatus change = new(status);
            if (waited != 0 && change.IsStopped)
            {
                // A stop for a signal that arrived first holds just as well; the signal is delivered at the detach.
                tracees.Stop(i++, change.PtraceEvent == Uapi.PTRACE_EVENT_STOP ? 0 : change.StopSignal);
            }
            else if (waited != 0 || errno == Errno.ECHILD)
            {
                // A tid that is no longer a tracee although it was not reaped belonged to a thread that has exec'd: it took over the tid of the thread-group leader.
                tracees.Remove(i);
                result = waited == 0 ? TransactionStop.Executing(tid) : change.IsKilled ? TransactionStop.TargetExited : result;
            }
            else
            {
                late = late == 0 ? tid : late;
                i++;
            }
        }

        return result;
    }

    /// <summary>Determines in one call whether a held tracee has exited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop FindHeldExited()
    {
        Errno errno = Kernel.FindExited(out int tid, out bool isKilled);
        if (!errno.Ok || tid == 0)
        {
            return TransactionStop.None;
        }

        int index = tracees.IndexOf(tid);
        return index < 0 ? LookAtEachHeld() // a child that this thread forked, or inherited from another thread, hides the tracees from that call
            : !tracees.HasStopped(index) ? TransactionStop.None // the next turn reaps it
            : Ended(tid, isKilled);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop LookAtEachHeld()
    {
        for (int i = 0; i < tracees.Count; i++)
        {
            if (tracees.HasStopped(i) && Kernel.HasExited(tracees[i], out bool hasExited, out bool isKilled).Ok && hasExited)
            {
                return Ended(tracees[i], isKilled);
            }
        }

        return TransactionStop.None;
    }

    /// <remarks>Threads killed by an exec exit with 0, and so do those of a process in which another thread calls <c>exit_group(0)</c>: the next freeze shows which it was.</remarks>
    private static TransactionStop Ended(int tid, bool isKilled) => isKilled ? TransactionStop.TargetExited : TransactionStop.Executing(tid);
}
