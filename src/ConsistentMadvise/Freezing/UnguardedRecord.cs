namespace ConsistentMadvise;

/// <summary>The record of a caller who needs none: by name, or because the kernel itself undoes the freeze.</summary>
internal sealed class UnguardedRecord : IFreezeRecord
{
    public bool TryArm() => true;

    public void Disarm()
    {
    }

    public bool IsClaimedByAnother() => false;

    public void Dispose()
    {
    }
}
