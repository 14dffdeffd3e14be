using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The pause limit of one record: its slot on the page that the guard watches. No member allocates.</summary>
[RunsFrozen]
internal sealed class RecordWatch(FreezeJournal journal, WatchPage page, WatchSlot slot, long ticks) : IDisposable
{
    public bool HasFired => slot.HasFired;

    public bool IsPast => slot.HasFired || Stopwatch.GetTimestamp() >= slot.Deadline;

    public void WarmUp()
    {
        // The guard ignores this deadline: it is never reached.
        slot.TryArm(long.MaxValue);
        slot.TryHold();
        slot.Renew(long.MaxValue);
        _ = IsPast;
        journal.Keep(long.MaxValue);
        slot.Disarm();
    }

    /// <summary>Limits the freeze that now begins; false if no guard could enforce the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryArm()
    {
        long deadline = Stopwatch.GetTimestamp() + ticks;
        bool isArmed = slot.TryArm(deadline);
        journal.Keep(deadline);
        return isArmed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryHold() => slot.TryHold();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Renew() => slot.Renew(Stopwatch.GetTimestamp() + ticks);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Disarm() => slot.Disarm();

    public void Dispose() => page.Return(slot);
}
