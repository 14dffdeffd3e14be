namespace ConsistentMadvise;

/// <summary>The record of a caller who needs none: by name, or because the kernel itself undoes the freeze.</summary>
internal sealed class UnguardedRecord : IFreezeRecord
{
    public void Rehearse()
    {
    }

    public bool TryMark(bool isHeld) => true;

    public bool IsClaimedByAnother() => false;

    public void Dispose()
    {
    }
}
