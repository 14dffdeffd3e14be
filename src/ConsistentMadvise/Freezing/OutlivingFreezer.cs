using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise;

/// <summary>A freezer whose freeze outlives the caller: it is recorded before it begins, so that somebody else can undo it.</summary>
/// <remarks>A freeze that another made is used and left as it is. One that another engine made is waited for: it ends when that one's window does.</remarks>
internal abstract class OutlivingFreezer(ProcessTarget target, IFreezeRecord record) : IFreezer
{
    private readonly TracerFile _tracerFile = new(target);

    public abstract FreezerKind Kind { get; }

    protected ProcessTarget Target => target;

    protected bool IsOurs { get; private set; }

    public virtual void Rehearse()
    {
        Backoff.Rehearse();
        _tracerFile.Read();
        record.Rehearse();
        IsHeld();
        HoldAll(deadline: 0);
        Release();
        TryReserve(deadline: 0);
        Freeze(deadline: 0);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReserve(long deadline)
    {
        if (TryLock(deadline) && AwaitOtherEngines(deadline))
        {
            return true;
        }

        Unlock();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public FreezeResult Freeze(long deadline)
    {
        IsOurs = false;
        FreezeResult result = HoldAll(deadline);
        if (result.Status != FreezeStatus.Frozen)
        {
            Thaw();
        }

        return result;
    }

    public abstract bool IsHeld();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Thaw()
    {
        if (IsOurs)
        {
            Release();
            IsOurs = false;
            record.TryMark(isHeld: false);
        }

        Unlock();
    }

    public virtual void Dispose()
    {
        _tracerFile.Dispose();
        record.Dispose();
    }

    /// <summary>Holds every thread, unless the deadline has passed; calls <see cref="Claim"/> before it does what would outlive the caller.</summary>
    protected abstract FreezeResult HoldAll(long deadline);

    /// <summary>Undoes what was done after <see cref="Claim"/>; nothing if that was not called.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused.</exception>
    protected abstract void Release();

    /// <summary>Keeps other engines from freezing what several targets may share. False when another had it until the deadline.</summary>
    protected virtual bool TryLock(long deadline) => true;

    /// <summary>Undoes <see cref="TryLock"/>; called also where nothing had to be thawed, or locked.</summary>
    protected virtual void Unlock()
    {
    }

    /// <summary>Whether nobody traces the target, who could let it run. Asked while the threads come to rest, so that it costs no time of its own.</summary>
    protected bool IsUntraced(out FreezeResult refusal)
    {
        int tracer = _tracerFile.Read();
        refusal = FreezeResult.Refused(HintReason.TracedByAnother, tracer);
        return tracer == 0;
    }

    /// <summary>Records that the freeze that now begins is ours. False when nobody would undo it if the caller died.</summary>
    protected bool Claim() => IsOurs || (IsOurs = record.TryMark(isHeld: true));

    /// <remarks>
    /// Asked whether or not the target is held by now: what a dead engine had only just announced, its guard will undo all the same, and
    /// that must not hit a freeze of ours.
    /// </remarks>
    private bool AwaitOtherEngines(long deadline)
    {
        Backoff backoff = default;
        while (Stopwatch.GetTimestamp() < deadline)
        {
            if (!record.IsClaimedByAnother())
            {
                return true;
            }

            backoff.Wait(deadline);
        }

        return false;
    }
}
