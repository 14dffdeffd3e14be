using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Raises the priority of the thread that holds a target: while that thread waits for a processor, the target waits too.</summary>
/// <remarks>
/// Uses the lowest real-time priority (<c>SCHED_FIFO</c>, sched(7)) between the freeze and the thaw of a window that has a bound. Without it, the threads that the thaw wakes
/// preempt the thaw itself, and any busy process lengthens the pause by its time slice. Needs <c>CAP_SYS_NICE</c>, which hinting
/// needs as well; if it is refused nevertheless (real-time limits of a cgroup), windows run with the scheduling that they have.
/// </remarks>
[RunsFrozen]
internal sealed class WindowPriority
{
    private int _callerTid;
    private sched_attr _usual;
    private bool _isPossible;

    /// <summary>Tries it on the thread that will run the windows.</summary>
    /// <param name="isWanted">Whether the windows have a bound.</param>
    /// <param name="caller">Another thread that makes the calls; null if none does.</param>
    public void WarmUp(bool isWanted, HintThread? caller)
    {
        _callerTid = caller?.Tid ?? 0;
        _isPossible = isWanted && Kernel.GetScheduling(out _usual).Ok && _usual.sched_policy == Uapi.SCHED_NORMAL && SetFifo(0).Ok;
        Raise();
        Restore();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Raise()
    {
        if (_isPossible)
        {
            SetFifo(0);
            if (_callerTid != 0)
            {
                SetFifo(_callerTid);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Restore()
    {
        if (_isPossible)
        {
            Kernel.SetScheduling(in _usual);
            if (_callerTid != 0)
            {
                Kernel.SetScheduling(in _usual, _callerTid); // even if its call is pending
            }
        }
    }

    private static Errno SetFifo(int tid)
    {
        sched_attr fifo = new() { sched_policy = Uapi.SCHED_FIFO, sched_priority = 1 };
        return Kernel.SetScheduling(in fifo, tid);
    }
}
