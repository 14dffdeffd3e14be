using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>A freezer whose freeze outlives the caller: it is recorded before it begins, so that another process can undo it.</summary>
/// <remarks>A freeze that another made is used and left as it is. One that another engine made is waited for: it ends when that one's window does.</remarks>
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

        // What has begun since the survey: a tracer, or a dump of its core, which no thread of it stops for.
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

    /// <summary>Holds every thread, unless the deadline has passed; calls <see cref="Claim"/> before it does what would outlive the caller.</summary>
    protected abstract TransactionStop HoldAll(long deadline);

    /// <summary>Undoes what was done after <see cref="Claim"/>; nothing if that was not called.</summary>
    /// <exception cref="TargetMayBeFrozenException">The kernel refused.</exception>
    protected abstract void Release();

    /// <summary>Keeps other engines from freezing what several targets may share. False when another had it until the deadline.</summary>
    protected virtual bool TryLock(long deadline) => true;

    /// <summary>Undoes <see cref="TryLock"/>; called also where nothing had to be thawed, or locked.</summary>
    protected virtual void Unlock()
    {
    }

    /// <summary>Records that the freeze that now begins is ours. Returns false if no process would undo it after the caller's death.</summary>
    protected bool Claim() => IsOurs || (IsOurs = record.TryMark(isHeld: true));

    /// <remarks>
    /// Asked whether or not the target is held by now: what a dead engine had only just announced, its guard will undo all the same, and
    /// that must not hit a freeze of ours.
    /// </remarks>
    private bool AwaitOtherEngines(long deadline, ref TransactionStop refusal)
    {
        Backoff backoff = default;
        while (Stopwatch.GetTimestamp() < deadline)
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

            backoff.Wait(deadline);
        }

        return false;
    }
}
