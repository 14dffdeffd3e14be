using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One freeze on a <see cref="WatchPage"/>. Its state says which window it is, and whose turn; it goes from one to the next by compare-and-exchange alone.</summary>
/// <remarks>
/// The engine: idle, freezing, held, and after it has thawed, idle again. The guard, once the deadline has passed: firing, then fired. A freeze that was still under way then may
/// take hold later: it is <see cref="FiredEarly"/>, and the guard looks after it again until the engine is done with it. Methods allocate nothing.
/// </remarks>
[RunsFrozen]
internal readonly unsafe struct WatchSlot(long* words, int index)
{
    /// <summary>The turn of a state; what is above it counts windows.</summary>
    private const long Turns = 7;

    private const long Idle = 0;
    private const long Freezing = 1;
    private const long Held = 2;
    private const long Firing = 3;
    private const long Fired = 4;
    private const long FiringEarly = 5;
    private const long FiredEarly = 6;

    /// <summary>A guard that has begun to thaw is done within microseconds, unless it was stopped in the middle.</summary>
    private static readonly long Patience = Stopwatch.Frequency;

    public int Index => index;

    /// <summary>The number of its file in the journal.</summary>
    public int Entry => (int)Volatile.Read(ref words[2]);

    public bool IsIdle => TurnOf(State) == Idle;

    /// <summary>Whether the guard has thawed it, or is about to.</summary>
    public bool HasFired => TurnOf(State) > Held;

    /// <summary>Whether a guard is at it, or was when it was killed.</summary>
    public bool IsFiring => TurnOf(State) is Firing or FiringEarly;

    /// <summary>When the guard is to act.</summary>
    public long Deadline => Volatile.Read(ref words[0]);

    private long State => Volatile.Read(ref words[1]);

    public void Begin(int entry) => Volatile.Write(ref words[2], entry);

    /// <summary>A freeze begins: from now on it ends at the deadline. False where a guard never came to the end of the last one: going on, it would thaw this one.</summary>
    public bool TryArm(long deadline)
    {
        long state = State;
        if (TurnOf(state) != Idle)
        {
            return false;
        }

        Volatile.Write(ref words[0], deadline);
        return Change(state, state + Turns + 1 + Freezing);
    }

    /// <summary>The freeze has taken hold; false when the guard has acted before.</summary>
    public bool TryHold()
    {
        long state = State;
        return TurnOf(state) == Freezing && Change(state, WithTurn(state, Held));
    }

    /// <summary>The engine lives: the deadline is put off.</summary>
    public void Renew(long deadline) => Volatile.Write(ref words[0], deadline);

    /// <summary>The engine has thawed. A guard that is at it is waited for: it must not thaw the next window.</summary>
    public void Disarm()
    {
        Backoff backoff = default;
        long patience = Stopwatch.GetTimestamp() + Patience;
        while (true)
        {
            long state = State;
            if (TurnOf(state) is Firing or FiringEarly)
            {
                if (!backoff.Wait(patience))
                {
                    return;
                }
            }
            else if (Change(state, WithTurn(state, Idle)))
            {
                return;
            }
        }
    }

    /// <summary>What the guard sees of it, for <see cref="TryFire"/>.</summary>
    /// <param name="retryAt">When it looks again after what it has thawed too early.</param>
    /// <param name="at">When there is something to do; <see cref="long.MaxValue"/> for never.</param>
    public long Look(long retryAt, out long at)
    {
        long state = State; // before the deadline: one of a later window comes with another state
        at = TurnOf(state) switch
        {
            Freezing or Held => Deadline,
            FiredEarly => retryAt,
            _ => long.MaxValue,
        };
        return state;
    }

    /// <summary>The guard's turn. False when the engine was faster, if only to begin another window.</summary>
    /// <param name="seen">What the guard saw when the time had passed.</param>
    /// <param name="isFrozen">Whether it holds its target now; asked only where the freeze may have taken hold after the guard had acted.</param>
    public bool TryFire(long seen, Func<int, bool> isFrozen) => TurnOf(seen) switch
    {
        Held => Change(seen, WithTurn(seen, Firing)),
        Freezing => Change(seen, WithTurn(seen, FiringEarly)),
        FiredEarly => isFrozen(Entry) && Change(seen, WithTurn(seen, FiringEarly)),
        _ => false,
    };

    /// <summary>The guard has acted.</summary>
    public void EndFire()
    {
        long state = State;
        Change(state, WithTurn(state, TurnOf(state) == Firing ? Fired : FiredEarly));
    }

    private static long TurnOf(long state) => state & Turns;

    private static long WithTurn(long state, long turn) => (state & ~Turns) | turn;

    private bool Change(long from, long to) => Interlocked.CompareExchange(ref words[1], to, from) == from;
}
