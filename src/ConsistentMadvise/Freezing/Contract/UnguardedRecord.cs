using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The record of a freeze without a guard: the caller allowed that explicitly, or the kernel itself undoes the freeze.</summary>
internal sealed class UnguardedRecord : IFreezeRecord
{
    public void WarmUp()
    {
    }

    public bool TryMark(bool isHeld) => true;

    public bool HasFired => false;

    public bool IsPastLimit => false;

    public bool TryHold() => true;

    public void Renew()
    {
    }

    public Errno IsClaimedByAnother(out bool isClaimed)
    {
        isClaimed = false;
        return Errno.None;
    }

    public void Dispose()
    {
    }
}
