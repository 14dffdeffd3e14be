using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A freezer that does not look before it stops anything.</summary>
internal sealed class UnsurveyedFreezer(ITracingFreezer inner) : ITracingFreezer
{
    public FreezerKind Kind => inner.Kind;

    public bool MustEndThread => inner.MustEndThread;

    public void WarmUp() => inner.WarmUp();

    public bool TryReserve(long deadline, out TransactionStop refusal) => inner.TryReserve(deadline, out refusal);

    public TransactionStop Survey() => TransactionStop.None;

    public TransactionStop Freeze(long deadline) => inner.Freeze(deadline);

    public Errno IsHeld(out bool isHeld) => inner.IsHeld(out isHeld);

    public void Thaw() => inner.Thaw();

    public bool GivesUp(out int held) => inner.GivesUp(out held);

    public void ConfirmRelease() => inner.ConfirmRelease();

    public void Dispose() => inner.Dispose();
}
