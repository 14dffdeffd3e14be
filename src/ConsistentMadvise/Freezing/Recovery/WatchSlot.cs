using System.Diagnostics;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>One freeze on a <see cref="WatchPage"/>. Its state contains the window and the turn, and changes only by compare-and-exchange.</summary>
/// <remarks>
/// The engine's turns: idle, freezing, held and, after the thaw, idle again. The guard's turns, once the deadline has passed: firing, then fired. A freeze that was still in progress then may
/// take effect later: it is <see cref="FiredEarly"/>, and the guard checks it again until the engine is done with it. Methods allocate nothing.
/// </remarks>
[RunsFrozen]
internal readonly unsafe struct WatchSlot(long* words, int index)
{
    /// <summary>The bits of the turn; the bits above count windows.</summary>
    private const long Turns = 7;

    private const long Idle = 0;
    private const long Freezing = 1;
    private const long Held = 2;
    private const long Firing = 3;
    private const long Fired = 4;
    private const long FiringEarly = 5;
    private const long FiredEarly = 6;

    /// <summary>A guard that has started to thaw finishes within microseconds, unless it was stopped halfway.</summary>
    private static readonly long Patience = Stopwatch.Frequency;

    public int Index => index;

    /// <summary>The number of its file in the journal.</summary>
    public int Entry => (int)Volatile.Read(ref words[2]);

    public bool IsIdle => TurnOf(State) == Idle;

    /// <summary>Whether the guard has thawed it, or is about to.</summary>
    public bool HasFired => TurnOf(State) > Held;

    /// <summary>Whether a guard is thawing it, or was when it was killed.</summary>
    public bool IsFiring => TurnOf(State) is Firing or FiringEarly;

    /// <summary>When the guard is to act.</summary>
    public long Deadline => Volatile.Read(ref words[0]);

    /// <summary>When the guard last finished a thaw; 0 for never. For measurements.</summary>
    public long ThawedAt => Volatile.Read(ref words[3]);

    private long State => Volatile.Read(ref words[1]);

    public void Begin(int entry) => Volatile.Write(ref words[2], entry);

    /// <summary>Starts a freeze, which ends at the deadline at the latest. Returns false if a guard never finished the last one: if it continued, it would thaw this one.</summary>
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

    /// <summary>The freeze has taken effect; false if the guard acted first.</summary>
    public bool TryHold()
    {
        long state = State;
        return TurnOf(state) == Freezing && Change(state, WithTurn(state, Held));
    }

    /// <summary>The engine is alive: postpones the deadline.</summary>
    public void Renew(long deadline) => Volatile.Write(ref words[0], deadline);

    /// <summary>The engine has thawed. Waits for a guard that is thawing: it must not thaw the next window.</summary>
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

    /// <summary>Returns the state that the guard sees, for <see cref="TryFire"/>.</summary>
    /// <param name="retryAt">When the guard checks again what it thawed too early.</param>
    /// <param name="at">When the guard must act; <see cref="long.MaxValue"/> for never.</param>
    public long Look(long retryAt, out long at)
    {
        long state = State; // read before the deadline: the deadline of a later window comes with another state
        at = TurnOf(state) switch
        {
            Freezing or Held => Deadline,
            FiredEarly => retryAt,
            _ => long.MaxValue,
        };
        return state;
    }

    /// <summary>Starts the guard's turn. Returns false if the engine was faster, even if it only began another window.</summary>
    /// <param name="seen">The state that the guard saw when the deadline had passed.</param>
    /// <param name="isFrozen">Whether it holds its target now; called only if the freeze may have taken effect after the guard acted.</param>
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
        Volatile.Write(ref words[3], Stopwatch.GetTimestamp());
        long state = State;
        Change(state, WithTurn(state, TurnOf(state) == Firing ? Fired : FiredEarly));
    }

    private static long TurnOf(long state) => state & Turns;

    private static long WithTurn(long state, long turn) => (state & ~Turns) | turn;

    private bool Change(long from, long to) => Interlocked.CompareExchange(ref words[1], to, from) == from;
}
