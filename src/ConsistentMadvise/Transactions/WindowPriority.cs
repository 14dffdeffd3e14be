using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Keeps the processor for the thread that holds a target: while it waits for one, the target waits too.</summary>
/// <remarks>
/// The lowest real-time priority (<c>SCHED_FIFO</c>, sched(7)), between the freeze and the thaw of a window that has a bound: without it the thaw is
/// interrupted by the very threads it wakes, and any busy process lengthens the pause by its time slice. Needs <c>CAP_SYS_NICE</c>, which hinting
/// needs as well; where it is refused all the same (real-time limits of a control group), windows take what the scheduler gives them.
/// </remarks>
internal sealed class WindowPriority(bool isWanted)
{
    private sched_attr _usual;
    private bool _isPossible;

    /// <summary>Tries it, on the thread that will run the windows.</summary>
    public void Rehearse()
    {
        _isPossible = isWanted && Kernel.GetScheduling(out _usual).Ok && _usual.sched_policy == Uapi.SCHED_NORMAL && SetFifo().Ok;
        Raise();
        Restore();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Raise()
    {
        if (_isPossible)
        {
            SetFifo();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Restore()
    {
        if (_isPossible)
        {
            Kernel.SetScheduling(in _usual);
        }
    }

    private static Errno SetFifo()
    {
        sched_attr fifo = new() { sched_policy = Uapi.SCHED_FIFO, sched_priority = 1 };
        return Kernel.SetScheduling(in fifo);
    }
}
