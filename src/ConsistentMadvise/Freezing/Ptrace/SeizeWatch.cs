using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Lets another thread detect that a <c>PTRACE_SEIZE</c> does not return, help it, and give it up.</summary>
/// <remarks>
/// <c>PTRACE_SEIZE</c> waits for the target's <c>cred_guard_mutex</c>, which a thread holds from the start of <c>execve(2)</c> until the other threads are reaped. Tracees are reaped by their
/// tracer, which waits for that mutex: a deadlock, unless another thread of this process reaps them (<c>wait4(2)</c> finds the tracees of every thread of a process). If the program's
/// file system does not answer, nothing ends the wait: a signal restarts it. The thread in that call then leaves by an exception.
/// </remarks>
internal sealed class SeizeWatch(TraceeTable tracees, ThreadList threads)
{
    private const int Outside = 0;
    private const int Inside = 1;
    private const int Helped = 2; // the helper owns the table
    private const int GivenUp = 3;

    private const long RoundNanoseconds = 50_000;
    private const int Rounds = 40;

    /// <summary>A call that takes longer than this is not merely waiting for a processor.</summary>
    private static readonly long HelpAfterTicks = Stopwatch.Frequency / 1000;

    /// <summary>The longest that a call may take to return, even if the freeze has no deadline: waiting longer brings no target to rest.</summary>
    private static readonly long LongestTicks = Stopwatch.Frequency;

    /// <summary>Added to the deadline, so that a call that returns slightly late is not given up.</summary>
    private static readonly long MarginTicks = Stopwatch.Frequency / 20;

    private int _state;
    private long _began;
    private long _deadline;

    /// <summary>Whether tracees were reaped during the call.</summary>
    public bool HasReaped { get; private set; }

    public void Begin() => HasReaped = false;

    /// <summary>Called by the tracing thread before the call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Enter(long now, long deadline)
    {
        Volatile.Write(ref _began, now);
        Volatile.Write(ref _deadline, deadline);
        Interlocked.Exchange(ref _state, Inside);
    }

    /// <summary>Called by the tracing thread after the call.</summary>
    /// <exception cref="TracingGivenUpException">The thread was given up during the call.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Leave()
    {
        int state = Interlocked.CompareExchange(ref _state, Outside, Inside);
        while (state == Helped)
        {
            _ = Kernel.Yield();
            state = Interlocked.CompareExchange(ref _state, Outside, Inside);
        }

        if (state == GivenUp)
        {
            throw new TracingGivenUpException();
        }
    }

    /// <summary>Helps a call that takes long, and gives it up if it takes too long.</summary>
    /// <param name="held">A thread that stays held until the call returns; 0 if there is none.</param>
    public bool GivesUp(out int held)
    {
        held = 0;
        long began = Volatile.Read(ref _began);
        for (int i = 0; i < Rounds && IsStuck(began); i++)
        {
            if (Interlocked.CompareExchange(ref _state, Helped, Inside) == Inside)
            {
                ReapExited();
                bool isTooLong = Stopwatch.GetTimestamp() - MarginTicks > Math.Min(_deadline, _began + LongestTicks);
                held = isTooLong ? FindHeld() : 0;
                Volatile.Write(ref _state, isTooLong ? GivenUp : Inside);
                if (isTooLong)
                {
                    return true;
                }
            }

            _ = Kernel.Sleep(RoundNanoseconds);
        }

        return false;
    }

    private bool IsStuck(long began) =>
        Volatile.Read(ref _state) == Inside && Volatile.Read(ref _began) == began && Stopwatch.GetTimestamp() - began > HelpAfterTicks;

    private void ReapExited()
    {
        for (int i = 0; i < tracees.Count;)
        {
            if (Kernel.ReapExited(tracees[i], out bool hasExited).Ok && hasExited)
            {
                tracees.Remove(i);
                HasReaped = true;
            }
            else
            {
                i++;
            }
        }
    }

    /// <remarks>A seized thread that receives a signal also stops, until its tracer responds.</remarks>
    private int FindHeld()
    {
        for (int i = 0; i < tracees.Count; i++)
        {
            if (tracees.HasStopped(i) || (threads.LookAt(tracees[i], out ThreadLook look).Ok && look.State == 't'))
            {
                return tracees[i];
            }
        }

        return 0;
    }
}
