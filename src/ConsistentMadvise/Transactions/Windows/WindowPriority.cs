using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Keeps the processor for the thread that holds a target: while it waits for one, the target waits too.</summary>
/// <remarks>
/// The lowest real-time priority (<c>SCHED_FIFO</c>, sched(7)), between the freeze and the thaw of a window that has a bound: without it the thaw is
/// interrupted by the very threads it wakes, and any busy process lengthens the pause by its time slice. Needs <c>CAP_SYS_NICE</c>, which hinting
/// needs as well; where it is refused all the same (real-time limits of a control group), windows take what the scheduler gives them.
/// </remarks>
[RunsFrozen]
internal sealed class WindowPriority
{
    private int _callerTid;
    private sched_attr _usual;
    private bool _isPossible;

    /// <summary>Tries it, on the thread that will run the windows.</summary>
    /// <param name="isWanted">Whether the windows have a bound.</param>
    /// <param name="caller">Another thread that makes the calls; null where none does.</param>
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
                Kernel.SetScheduling(in _usual, _callerTid); // also where its call is pending
            }
        }
    }

    private static Errno SetFifo(int tid)
    {
        sched_attr fifo = new() { sched_policy = Uapi.SCHED_FIFO, sched_priority = 1 };
        return Kernel.SetScheduling(in fifo, tid);
    }
}
