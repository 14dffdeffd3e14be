using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Waits until seized threads have stopped, on the thread that seized them, and for none of them before the others.</summary>
/// <remarks>
/// A thread in execve(2), or the kernel as it ends a killed process, waits until each other thread was reaped by its tracer (<c>de_thread</c>
/// in <c>fs/exec.c</c>, <c>wait_task_zombie</c> in <c>kernel/exit.c</c>): a tracer that waits for that one thread first waits for ever. So each turn asks every thread that has not stopped,
/// and one that was held and has exited ends the wait. Only a kill of the process or an exec ends a held thread.
/// </remarks>
internal sealed class TraceeWait(TraceeTable tracees)
{
    /// <summary>In one of so many turns a tracee that no wait reports is looked at: its stop may have gone to another thread.</summary>
    private const int TurnsPerLook = 16;

    /// <summary><see cref="TransactionStop.None"/> when every tracee has stopped or exited.</summary>
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

    /// <summary>Asks each tracee that has not stopped, once.</summary>
    /// <param name="seeksTaken">Whether those are looked at that no wait reports.</param>
    /// <param name="late">One that has neither stopped nor exited; 0 when there is none.</param>
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
                errno = Kernel.WaitTracee(tid, out waited, out status); // it may have stopped in between
                if (waited == 0 && errno.Ok)
                {
                    tracees.Stop(i++, taken);
                    continue;
                }
            }

            WaitStatus change = new(status);
            if (waited != 0 && change.IsStopped)
            {
                // A stop for a signal that came first holds just as well; the signal goes on its way at the detach.
                tracees.Stop(i++, change.PtraceEvent == Uapi.PTRACE_EVENT_STOP ? 0 : change.StopSignal);
            }
            else if (waited != 0 || errno == Errno.ECHILD)
            {
                // A tracee that is none any more without having been reaped has taken over the tid of the thread-group leader: it has exec'd.
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

    /// <summary>Finds out by one call whether a tracee has exited that was held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransactionStop FindHeldExited()
    {
        Errno errno = Kernel.FindExited(out int tid, out bool isKilled);
        if (!errno.Ok || tid == 0)
        {
            return TransactionStop.None;
        }

        int index = tracees.IndexOf(tid);
        return index < 0 ? LookAtEachHeld() // a child of this thread, its own or inherited, hides the tracees from that call
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

    /// <remarks>Threads that an exec ends exit with 0, and so do those of a process that another thread ends with <c>exit_group(0)</c>: the next freeze shows which it was.</remarks>
    private static TransactionStop Ended(int tid, bool isKilled) => isKilled ? TransactionStop.TargetExited : TransactionStop.Executing(tid);
}
