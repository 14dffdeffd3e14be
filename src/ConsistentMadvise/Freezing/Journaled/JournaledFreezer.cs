using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A freezer whose freeze outlives the caller: it is recorded before it begins, so that another process can undo it.</summary>
/// <remarks>A foreign freeze is used and left as it is. A freeze by another engine is waited for: it ends with that engine's window.</remarks>
[RunsFrozen]
internal abstract class JournaledFreezer(ProcessTarget target, IFreezeRecord record, ThreadList threads) : IFreezer
{
    public abstract FreezerKind Kind { get; }

    public bool IsPastLimit => IsOurs && record.IsPastLimit;

    public bool HasFired => IsOurs && record.HasFired;

    protected ProcessTarget Target => target;

    protected ThreadList Threads => threads;

    protected TracerFile StatusFile { get; } = new(target);

    protected bool IsOurs { get; private set; }

    public virtual void WarmUp()
    {
        Backoff.WarmUp();
        StatusFile.MayBeHeld(out _);
        threads.Scan();
        threads.CountAlive(out _);
        threads.FindTraced(out _);
        record.WarmUp();
        IsHeld(out _);
        HoldAll(deadline: 0);
        Release();
        TryReserve(deadline: 0, out _);
        Freeze(deadline: 0);
        Thaw();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReserve(long deadline, out TransactionStop refusal)
    {
        refusal = TransactionStop.HeldByAnotherEngine;
        if (TryLock(deadline) && AwaitOtherEngines(deadline, ref refusal))
        {
            return true;
        }

        Unlock();
        return false;
    }

    public virtual TransactionStop Survey() => ThreadSurvey.Run(target, threads, StatusFile);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Freeze(long deadline)
    {
        IsOurs = false;
        TransactionStop result = HoldAll(deadline);

        // What may have begun since the survey: a tracer, or a core dump, for which no thread of the target stops.
        if ((result.IsNone || result.Status == HintStatus.FreezeTimedOut) && deadline != 0 && !StatusFile.MayBeHeld(out TransactionStop refusal))
        {
            result = refusal;
        }

        result = result.IsNone && IsOurs && !record.TryHold() ? TransactionStop.PauseLimitReached : result;
        if (!result.IsNone)
        {
            Thaw();
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Renew() => record.Renew();

    public abstract Errno IsHeld(out bool isHeld);

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
        StatusFile.Dispose();
        threads.Dispose();
        record.Dispose();
    }

    /// <summary>Holds every thread, unless the deadline has passed; calls <see cref="Claim"/> before any step that would outlive the caller.</summary>
    protected abstract TransactionStop HoldAll(long deadline);

    /// <summary>Undoes what was done after <see cref="Claim"/>; does nothing if that was not called.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused.</exception>
    protected abstract void Release();

    /// <summary>Keeps other engines from freezing what several targets may share. False if another engine held it until the deadline.</summary>
    protected virtual bool TryLock(long deadline) => true;

    /// <summary>Undoes <see cref="TryLock"/>; also called if nothing had to be thawed or locked.</summary>
    protected virtual void Unlock()
    {
    }

    /// <summary>Records that the freeze that now begins is ours. False if no guard would undo it if the caller died.</summary>
    protected bool Claim() => IsOurs || (IsOurs = record.TryMark(isHeld: true));

    /// <remarks>
    /// Checked even if the target is not frozen: a dead engine may have armed its journal just before freezing, and its guard would thaw
    /// our freeze.
    /// </remarks>
    private bool AwaitOtherEngines(long deadline, ref TransactionStop refusal)
    {
        Backoff backoff = default;
        do
        {
            Errno errno = record.IsClaimedByAnother(out bool isClaimed);
            if (!errno.Ok)
            {
                refusal = TransactionStop.CouldNotLook(errno);
                return false;
            }

            if (!isClaimed)
            {
                return true;
            }
        }
        while (backoff.Wait(deadline));

        return false;
    }
}
