using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The pause limit of one record: its slot on the page that the guard looks at. Nothing here allocates.</summary>
[RunsFrozen]
internal sealed class RecordWatch(FreezeJournal journal, WatchPage page, WatchSlot slot, long ticks) : IDisposable
{
    public bool HasFired => slot.HasFired;

    public bool IsPast => slot.HasFired || Stopwatch.GetTimestamp() >= slot.Deadline;

    public void WarmUp()
    {
        // The guard looks the other way: no time comes before this deadline.
        slot.TryArm(long.MaxValue);
        slot.TryHold();
        slot.Renew(long.MaxValue);
        _ = IsPast;
        journal.Keep(long.MaxValue);
        slot.Disarm();
    }

    /// <summary>The freeze that now begins is limited; false where no guard could keep that.</summary>
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
