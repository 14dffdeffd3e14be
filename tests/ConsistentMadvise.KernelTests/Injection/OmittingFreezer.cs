namespace ConsistentMadvise.KernelTests;

/// <summary>A freezer that does not freeze, or can be thawed before its time, and says nothing of it.</summary>
internal sealed class OmittingFreezer(IFreezer inner, bool freezes) : ITracingFreezer
{
    private bool _isHeld;

    public FreezerKind Kind => inner.Kind;

    public bool MustEndThread => inner is ITracingFreezer { MustEndThread: true };

    public void Rehearse() => inner.Rehearse();

    public bool TryReserve(long deadline) => !freezes || inner.TryReserve(deadline);

    public FreezeResult Freeze(long deadline)
    {
        FreezeResult result = freezes ? inner.Freeze(deadline) : FreezeResult.Frozen;
        _isHeld = freezes && result.Status == FreezeStatus.Frozen;
        return result;
    }

    // What it says instead of the truth, or the transaction would notice by this look alone.
    public bool IsHeld() => true;

    public void Thaw()
    {
        if (_isHeld)
        {
            ThawNow();
        }
    }

    public void ThawNow()
    {
        _isHeld = false;
        inner.Thaw();
    }

    public void ConfirmRelease() => (inner as ITracingFreezer)?.ConfirmRelease();

    public void Dispose() => inner.Dispose();
}
