using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A freezer that does not freeze, or can be thawed before its time, and says nothing of it.</summary>
internal sealed class OmittingFreezer(IFreezer inner, bool freezes) : ITracingFreezer
{
    private bool _isHeld;

    public FreezerKind Kind => inner.Kind;

    public bool MustEndThread => inner is ITracingFreezer { MustEndThread: true };

    public void WarmUp() => inner.WarmUp();

    public bool TryReserve(long deadline, out TransactionStop refusal)
    {
        refusal = default;
        return !freezes || inner.TryReserve(deadline, out refusal);
    }

    public TransactionStop Survey() => freezes ? inner.Survey() : TransactionStop.None;

    public TransactionStop Freeze(long deadline)
    {
        TransactionStop result = freezes ? inner.Freeze(deadline) : TransactionStop.None;
        _isHeld = freezes && result.IsNone;
        return result;
    }

    // What it says instead of the truth, or the transaction would notice by this look alone.
    public Errno IsHeld(out bool isHeld)
    {
        isHeld = true;
        return Errno.None;
    }

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

    public bool GivesUp(out int held)
    {
        held = 0;
        return inner is ITracingFreezer tracing && tracing.GivesUp(out held);
    }

    public void ConfirmRelease() => (inner as ITracingFreezer)?.ConfirmRelease();

    public void Dispose() => inner.Dispose();
}
